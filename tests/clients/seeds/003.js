// Establish SSE connection
const eventSource = new EventSource('/mcp/sse');
let connectionId = null;

// Handle connection established
eventSource.addEventListener('connected', function(event) {
    const data = JSON.parse(event.data);
    connectionId = data.connection_id;
    console.log('Connected with ID:', connectionId);
});

// Handle MCP responses
eventSource.addEventListener('mcp_response', function(event) {
    const response = JSON.parse(event.data);
    console.log('MCP Response:', response);
});

// Send MCP request
async function sendMCPRequest(method, params = {}) {
    const request = {
        jsonrpc: '2.0',
        method: method,
        params: params,
        id: Date.now(),
        connection_id: connectionId
    };

    const response = await fetch('/mcp/sse/message', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(request)
    });

    return response.json();
}

// Example usage
sendMCPRequest('tools/list');
sendMCPRequest('tools/call', { name: 'get_client', arguments: { email: 'test@example.com' } });
