using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudScale.Runtime.Hosting;

/// <summary>Ties the life of a node to that of its host.</summary>
/// <remarks>
/// Start: node, exported functions, the tree of children in their order. Stop: the tree in the reverse order, each child with the time that its specification gives it; then what else runs; all within the host's time-out.
/// </remarks>
internal sealed class NodeService(
    IOptions<NodeOptions> options,
    IOptions<HostTreeOptions> tree,
    IOptions<HostOptions> host,
    IEnumerable<HostedChild> children,
    IEnumerable<HostedModule> modules,
    IEnumerable<HostedLibrary> libraries,
    IServiceProvider services,
    NodeHandle handle,
    IHostApplicationLifetime lifetime,
    ILogger<Node> logger
) : IHostedService
{
    private static readonly Atom s_treeName = HostTreeOptions.SupervisorName;

    private Node? _node;
    private Pid _tree;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            NodeOptions node = options.Value;
            if (node.ShutdownGrace >= host.Value.ShutdownTimeout)
                HostingLog.GraceTooLong(logger, node.ShutdownGrace, host.Value.ShutdownTimeout);
            _node = await Node.StartAsync(node, logger.ForNode(node.Name), cancellationToken).ConfigureAwait(false);
            foreach (HostedLibrary library in libraries)
                library.Load(_node.Code);
            foreach (HostedModule module in modules)
                _node.Functions.Export(module.Make(services));
            handle.OnStarted(_node); // children may ask for it
            ChildSpec[] specifications = [.. children.Select(child => child.Make(services))];
            if (specifications.Length > 0)
                await StartTreeAsync(_node, specifications).WaitAsync(cancellationToken).ConfigureAwait(false);
            HostingLog.Started(logger, _node.Name.Name, specifications.Length);
        }
        catch (Exception exception)
        {
            handle.OnFailed(exception);
            if (_node is not null)
                await _node.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_node is null)
            return;
        handle.IsStopped = true;
        try
        {
            if (!_tree.IsNone && _node.Processes.IsAlive(_tree))
                await StopTreeAsync(_node).WaitAsync(cancellationToken).ConfigureAwait(false);
            await _node.StopAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            HostingLog.Stopped(logger, _node.Name.Name);
        }
        catch (OperationCanceledException)
        {
            HostingLog.StopTooSlow(logger, _node.Name.Name);
            await _node.StopNowAsync().ConfigureAwait(false);
        }
    }

    private async Task StartTreeAsync(Node node, ChildSpec[] specifications)
    {
        StartResult result = await node.StartAsync(
                new HostSupervisor(tree.Value, specifications),
                new StartOptions { Name = s_treeName, Timeout = Timeout.InfiniteTimeSpan }
            )
            .ConfigureAwait(false);
        if (!result.IsOk)
            throw new StartException(result);
        _tree = result.Pid;
        node.Spawn(async self =>
        {
            self.Monitor(result.Pid);
            OnTreeEnded((await self.Receive<Down>()).Reason);
        });
    }

    private void OnTreeEnded(object reason)
    {
        if (handle.IsStopped)
            return;
        HostingLog.TreeFailed(logger, Term.Format(reason));
        if (tree.Value.StopHostOnFailure)
            lifetime.StopApplication();
    }

    private async Task StopTreeAsync(Node node)
    {
        try
        {
            await node.StopAsync(_tree, Atoms.Shutdown, Timeout.InfiniteTimeSpan).ConfigureAwait(false);
        }
        catch (ProcessExitException)
        {
            // It has ended meanwhile, which is what was wanted.
        }
    }
}
