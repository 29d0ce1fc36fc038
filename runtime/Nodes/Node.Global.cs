using CloudScale.Runtime.Global;

namespace CloudScale;

/// <content>Global names.</content>
public sealed partial class Node
{
    private readonly GlobalTable _globalTable = new();

    /// <summary>The names that the whole cluster shares.</summary>
    public GlobalNames Global => field ??= new GlobalNames(this, _globalTable);

    private GlobalNameServer NewGlobal() =>
        new(
            this,
            _globalTable,
            new GlobalOptions(_options.ConnectAll, _options.PreventOverlappingPartitions, _options.Hidden || _options.NamedBy is not null)
        );
}
