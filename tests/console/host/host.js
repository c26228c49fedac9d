// A host of MCP Apps made of the extension's own package: its bridge, and the official client behind it.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { AppBridge, getToolUiResourceUri, PostMessageTransport, RESOURCE_MIME_TYPE } from '@modelcontextprotocol/ext-apps/app-bridge';

const READY = 'ui/notifications/sandbox-proxy-ready';
const INFO = { name: 'reference-host', version: '1.0.0' };

/** Calls a tool, shows its view, and gives what the bridge noticed. */
window.show = async (server, sandbox, name, args) => {
    const client = new Client(INFO);
    await client.connect(new StreamableHTTPClientTransport(new URL(server)));
    const { tools } = await client.listTools();
    const tool = tools.find((candidate) => candidate.name === name);
    const uri = getToolUiResourceUri(tool);
    const { contents: [content] } = await client.readResource({ uri });
    if (content.mimeType !== RESOURCE_MIME_TYPE) throw new Error(`the view has the type ${content.mimeType}`);

    const frame = document.createElement('iframe');
    frame.sandbox = 'allow-scripts allow-same-origin';
    frame.style = 'width: 100%; height: 400px';
    const ready = new Promise((resolve) => {
        addEventListener('message', ({ source, data }) => {
            if (source === frame.contentWindow && data?.method === READY) resolve();
        });
    });
    frame.src = sandbox;
    document.body.replaceChildren(frame);
    await ready;

    const bridge = new AppBridge(client, INFO, { openLinks: {}, serverTools: client.getServerCapabilities()?.tools, serverResources: client.getServerCapabilities()?.resources });
    window.noticed = { sizes: [], resource: uri, meta: content._meta ?? null };
    bridge.onsizechange = (size) => window.noticed.sizes.push(size);
    const initialized = new Promise((resolve) => { bridge.oninitialized = resolve; });
    await bridge.connect(new PostMessageTransport(frame.contentWindow, frame.contentWindow));
    await bridge.sendSandboxResourceReady({ html: content.text, csp: content._meta?.ui?.csp, permissions: content._meta?.ui?.permissions });
    await initialized;
    window.noticed.app = bridge.getAppVersion();
    await bridge.sendToolInput({ arguments: args });
    await bridge.sendToolResult(await client.callTool({ name, arguments: args }));
    window.teardown = () => bridge.teardownResource({});
};
