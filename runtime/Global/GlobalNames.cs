using System.Diagnostics.CodeAnalysis;
using CloudScale.Runtime.Global;

namespace CloudScale;

/// <summary>Names that one process of the whole cluster bears, and locks that all its nodes keep: OTP's <c>global</c>.</summary>
/// <remarks>
/// A change of names is made on all nodes or none, under a lock that all of them keep: it costs round trips to each node, and more where many compete. <see cref="WhereIs"/> is a read of this node's table.
/// The name of a process that exits, or whose node is lost, is free. Threads: <see cref="WhereIs"/> and <see cref="Names"/> any; the rest in a process. A hidden node has names of its own only. Source: OTP
/// kernel, global.
/// </remarks>
public sealed class GlobalNames : INameRegistry
{
    internal static readonly Atom Module = Atom.Of("global");
    private static readonly Atom s_register = Atom.Of("register");
    private static readonly Atom s_registerExternal = Atom.Of("register_ext");
    private static readonly Atom s_unregister = Atom.Of("unregister");
    private static readonly Atom s_yes = Atom.Of("yes");
    private static readonly Atom s_no = Atom.Of("no");
    private readonly Node _node;
    private readonly GlobalTable _table;

    internal GlobalNames(Node node, GlobalTable table)
    {
        _node = node;
        _table = table;
    }

    /// <summary>Decides a conflict by killing one of the two processes: <c>fun global:random_exit_name/3</c>. What registration uses unless told otherwise.</summary>
    public static ExternalFun RandomExit => ResolveMethods.RandomExit;

    /// <summary>Decides a conflict by sending one of the two <c>{global_name_conflict, Name}</c>.</summary>
    public static ExternalFun RandomNotify => ResolveMethods.RandomNotify;

    /// <summary>Takes the name from both, and sends both <c>{global_name_conflict, Name, OtherPid}</c>.</summary>
    public static ExternalFun NotifyAll => ResolveMethods.NotifyAll;

    /// <summary>The names of the cluster.</summary>
    public IReadOnlyCollection<object> Names => [.. _table.Names.Select(entry => entry.Key)];

    /// <summary>Who bears a name; <c>default</c> for nobody.</summary>
    public Pid WhereIs(object name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!_table.TryGetName(name, out GlobalName? entry))
            return default;
        return ReferenceEquals(entry.Pid.Node, _node.Identity) && !_node.Processes.IsAlive(entry.Pid) ? default : entry.Pid;
    }

    /// <summary>Gives a process a name, on all nodes, unless somebody has it or the process has another.</summary>
    /// <param name="self">The calling process.</param>
    /// <param name="name">Any term.</param>
    /// <param name="pid">A process of any node.</param>
    /// <param name="method">Which keeps the name when two partitions meet that both have it; <see cref="RandomExit"/> by default. A fun of three arguments that this node exports, or of module <c>global</c>.</param>
    /// <returns>Whether it has the name now.</returns>
    public async ProcessTask<bool> Register(Self self, object name, Pid pid, ExternalFun? method = null) =>
        ReferenceEquals(
            await Change(
                self,
                async (registrar, nodes) =>
                {
                    if (!WhereIs(name).IsNone || _table.Names.Any(entry => entry.Value.Pid == pid))
                        return s_no;
                    await Enter(registrar, nodes, name, pid, method);
                    return s_yes;
                }
            ),
            s_yes
        );

    /// <summary>Gives a process of a node that keeps no names, such as a C node, a name that stands while that process, and this node, do: <c>global:register_name_external/3</c>. Unlike <see cref="Register"/> it lets a process have several.</summary>
    internal async ProcessTask<bool> RegisterExternal(Self self, object name, Pid pid, ExternalFun? method) =>
        ReferenceEquals(
            await Change(
                self,
                async (registrar, nodes) =>
                {
                    if (!WhereIs(name).IsNone)
                        return s_no;
                    object request = Tuple.Of(s_registerExternal, name, pid, method ?? RandomExit, _node.Name);
                    await registrar.MultiCall(nodes, GlobalNameServer.Name, request);
                    return s_yes;
                }
            ),
            s_yes
        );

    /// <summary>Gives a process a name, whoever has it now, in one step on each node.</summary>
    /// <inheritdoc cref="Register(Self, object, Pid, ExternalFun?)"/>
    [SuppressMessage("Performance", "CA1822", Justification = "Asked of a node's names, as the others are.")]
    public async ProcessTask ReRegister(Self self, object name, Pid pid, ExternalFun? method = null) =>
        await Change(
            self,
            async (registrar, nodes) =>
            {
                await Enter(registrar, nodes, name, pid, method);
                return s_yes;
            }
        );

    /// <summary>Frees a name on all nodes.</summary>
    public async ProcessTask Unregister(Self self, object name)
    {
        if (WhereIs(name).IsNone)
            return;
        await Change(
            self,
            async (registrar, nodes) =>
            {
                await registrar.MultiCall(nodes, GlobalNameServer.Name, Tuple.Of(s_unregister, name));
                return Atoms.Ok;
            }
        );
    }

    /// <summary>Sends a message to whom a name is of.</summary>
    /// <exception cref="ErlangException"><c>exit({badarg, {Name, Message}})</c>: nobody has the name.</exception>
    public Pid Send(Self self, object name, object message)
    {
        Pid pid = WhereIs(name);
        if (pid.IsNone)
            throw ErlangException.Exit(Tuple.Of(Atom.Of("badarg"), Tuple.Of(name, message)));
        self.Send(pid, message);
        return pid;
    }

    /// <summary>Sets a lock on nodes, for a requester: two processes that name the same one share it, and each has to delete it. It goes with the process that set it.</summary>
    /// <param name="self">The process that holds it.</param>
    /// <param name="resource">What is locked: any term but <c>global</c>.</param>
    /// <param name="requester">For whom: any term.</param>
    /// <param name="nodes">Where; by default on all nodes that are connected, and this.</param>
    /// <param name="retries">How often to try again when another has it; for ever by default.</param>
    /// <returns>Whether it is set.</returns>
    public ProcessTask<bool> SetLock(
        Self self,
        object resource,
        object requester,
        IReadOnlyCollection<Atom>? nodes = null,
        int? retries = null
    ) => GlobalLocks.Set(self, _table, new LockId(resource, requester), nodes ?? AllNodes, retries);

    /// <summary>Deletes a lock.</summary>
    /// <inheritdoc cref="SetLock"/>
    public ProcessTask DeleteLock(Self self, object resource, object requester, IReadOnlyCollection<Atom>? nodes = null) =>
        GlobalLocks.Delete(self, new LockId(resource, requester), nodes ?? AllNodes);

    /// <summary>Waits until all connected nodes have told us their names, and we them ours.</summary>
    public async ProcessTask Sync(Self self) =>
        await self.Call(
            GlobalNameServer.Name,
            Tuple.Of(Atom.Of("sync"), List.Of([.. AllNodes.Select(name => (object)name)])),
            Timeout.InfiniteTimeSpan
        );

    object INameRegistry.ToTerm(object name) => Tuple.Of(Module, name);

    ProcessTask<bool> INameRegistry.Register(Self self, object name, Pid pid) => Register(self, name, pid);

    ProcessTask<Pid> INameRegistry.WhereIs(Self self, object name) => new(WhereIs(name));

    private Atom[] AllNodes => [_node.Name, .. _node.Nodes.Where(info => !info.IsHidden).Select(info => info.Name)];

    private static async ProcessTask Enter(Self registrar, IReadOnlyCollection<Atom> nodes, object name, Pid pid, ExternalFun? method) =>
        await registrar.MultiCall(nodes, GlobalNameServer.Name, Tuple.Of(s_register, name, pid, method ?? RandomExit));

    private static ProcessTask<object> Change(Self self, Func<Self, IReadOnlyCollection<Atom>, ProcessTask<object>> body) =>
        self.Call(GlobalNameServer.Name, new GlobalRegistrar.Change(body), Timeout.InfiniteTimeSpan);
}
