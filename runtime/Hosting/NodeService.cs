using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudScale.Runtime.Hosting;

/// <summary>Ties the life of a node to that of its host.</summary>
internal sealed class NodeService(IOptions<NodeOptions> options, NodeHandle handle, ILogger<Node> logger) : IHostedService
{
    private Node? _node;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _node = await Node.StartAsync(options.Value, logger, cancellationToken).ConfigureAwait(false);
            handle.OnStarted(_node);
        }
        catch (Exception exception)
        {
            handle.OnFailed(exception);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_node is not null)
            await _node.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
