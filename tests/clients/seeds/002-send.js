// Send MCP command
await fetch("/mcp/sse/send", {
  method: "POST",
  headers: {
    Authorization: "Bearer your-token",
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    connectionId: "your-connection-id",
    message: {
      method: "tools/list",
    },
  }),
});
