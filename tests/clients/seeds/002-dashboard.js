// Dashboard showing live project updates
eventSource.addEventListener("tool-result", (event) => {
  const data = JSON.parse(event.data);
  if (data.method === "list_projects") {
    updateProjectList(data.result);
  }
});

// Periodic project list refresh
setInterval(() => {
  sendMCPCommand("tools/call", {
    name: "list_projects",
    arguments: {},
  });
}, 30000);
