namespace CloudScale;

/// <content>Code that is replaced while it runs.</content>
public sealed partial class Node
{
    /// <summary>Libraries of behaviours that can be replaced while their processes run.</summary>
    public CodeServer Code => LazyInitializer.EnsureInitialized(ref _code, () => new CodeServer(Processes, Applications));

    private CodeServer? _code;
}
