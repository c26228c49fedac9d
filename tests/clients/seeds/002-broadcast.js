// Broadcast maintenance notifications
await fetch("/mcp/sse/broadcast", {
  method: "POST",
  headers: {
    Authorization: "Bearer master-token",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    message: {
      type: "mcp-notification",
      result: {
        message: "Server maintenance in 5 minutes",
        level: "warning",
      },
      timestamp: new Date().toISOString(),
    },
    filter: {
      tokenTypes: ["team", "readonly"],
    },
  }),
});
