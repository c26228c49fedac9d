// The sandbox between a host that is a page and a view, on an origin of its own.
const view = document.createElement('iframe');
view.sandbox = 'allow-scripts';
view.style = 'width: 100%; height: 100%; border: 0';
document.body.append(view);
addEventListener('message', ({ source, data }) => {
    if (source === parent && data?.method === 'ui/notifications/sandbox-resource-ready') view.srcdoc = data.params.html;
    else if (source === parent) view.contentWindow.postMessage(data, '*');
    else if (source === view.contentWindow) parent.postMessage(data, '*');
});
parent.postMessage({ jsonrpc: '2.0', method: 'ui/notifications/sandbox-proxy-ready', params: {} }, '*');
