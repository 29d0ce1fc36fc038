using CloudScale.Runtime.Registry;

namespace CloudScale;

/// <content>The registry.</content>
public sealed partial class Node
{
    private ProcessRegistry? _registry;

    /// <summary>The processes of this node by names and properties of any term.</summary>
    public ProcessRegistry Registry => _registry ?? throw new InvalidOperationException("The node has not started yet.");

    private RegistryServer NewRegistryServer() => Registry.NewServer();
}
