using System.Collections.Concurrent;
using CloudScale.Runtime.ProcessGroups;

namespace CloudScale;

/// <content>Process groups.</content>
public sealed partial class Node
{
    private readonly GroupTable _groups = new();
    private readonly ConcurrentDictionary<Atom, PgScope> _scopes = new();

    /// <summary>The process groups of the scope <c>pg</c>, which every node has.</summary>
    public PgScope Groups => field ??= new PgScope(this, PgScope.DefaultName, _groups);

    /// <summary>Starts a further scope: groups that only the nodes know which have a scope of the same name.</summary>
    /// <param name="name">The name its process is registered under.</param>
    /// <exception cref="StartException">The name is taken.</exception>
    public async Task<PgScope> StartGroupsAsync(Atom name)
    {
        ArgumentNullException.ThrowIfNull(name);
        GroupTable table = new();
        StartResult result = await StartAsync(new PgServer(this, name, table), new StartOptions { Name = name });
        return result.IsOk ? _scopes[name] = new PgScope(this, name, table) : throw new StartException(result);
    }

    /// <summary>A scope that was started; as in Erlang one that was not is empty, and whoever changes it exits with <c>noproc</c>.</summary>
    internal PgScope GroupsOf(Atom scope) =>
        ReferenceEquals(scope, PgScope.DefaultName)
            ? Groups
            : _scopes.GetValueOrDefault(scope) ?? new PgScope(this, scope, new GroupTable());

    /// <summary>The process of <see cref="Groups"/>; again when the one before has crashed, with the same table.</summary>
    private PgServer NewGroups() => new(this, PgScope.DefaultName, _groups);
}
