using CloudScale.Fuzz.Blocks;
using CloudScale.Fuzz.Contracts;
using CloudScale.Fuzz.Etf;
using CloudScale.Fuzz.MessagePack;
using CloudScale.Fuzz.Protocol;
using CloudScale.Fuzz.Running;

namespace CloudScale.Fuzz;

/// <summary>All that is fuzzed.</summary>
internal static class Targets
{
    private static readonly Func<Target>[] s_makers =
    [
        () => new EtfTarget(),
        () => new MessagePackTarget(),
        () => new ContractTarget(),
        () => new Lz4Target(),
        () => new ProtocolTarget(),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. s_makers.Select(make => make().Name)];

    /// <summary>New ones, of these names or of all.</summary>
    public static IEnumerable<Target> Make(IReadOnlyCollection<string> only) =>
        s_makers.Select(make => make()).Where(target => only.Count == 0 || only.Contains(target.Name));
}
