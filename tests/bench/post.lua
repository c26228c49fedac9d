-- The same POST again and again, from the environment: BENCH_BODY, BENCH_HEADERS ("Name: value" lines), and at the end
-- one line for run.sh. Without BENCH_BODY it is a GET.
wrk.method = os.getenv("BENCH_BODY") and "POST" or "GET"
wrk.body = os.getenv("BENCH_BODY")
for line in (os.getenv("BENCH_HEADERS") or ""):gmatch("[^\n]+") do
  local name, value = line:match("^(.-): (.*)$")
  wrk.headers[name] = value
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format("RESULT %.0f %.1f %.1f %.1f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50), latency:percentile(99), latency.max,
    e.connect + e.read + e.write + e.status + e.timeout))
end
