namespace CloudScale;

/// <summary>A handler in an event manager: OTP's callbacks of <c>gen_event</c>, with the state in the fields.</summary>
/// <remarks>
/// Threads: callbacks run one at a time in the manager's process, and may await; the manager does nothing else meanwhile. One that throws is removed, and the others go on. An object belongs to one manager, once.
/// </remarks>
public abstract class GenEventHandler
{
    private Self _self;

    /// <summary>The manager's process. Only for use in callbacks, and in what they await.</summary>
    protected ref Self Self => ref _self;

    internal void Adopt(Self self) => _self = self;

    /// <summary>Called when the handler is installed.</summary>
    /// <param name="argument">What the installer gave; after a swap the pair of that and what the predecessor's <see cref="Terminate"/> returned.</param>
    protected internal virtual ProcessTask<HandlerNext> Init(object argument) => HandlerNext.Ok;

    /// <summary>An event.</summary>
    protected internal abstract ProcessTask<HandlerNext> HandleEvent(object happened);

    /// <summary>A query to this handler alone; the result must have a reply. By default <c>{error, bad_query}</c>.</summary>
    protected internal virtual ProcessTask<HandlerNext> HandleCall(object request) =>
        HandlerNext.Reply(Tuple.Of(Atoms.Error, Atom.Of("bad_query")));

    /// <summary>Any other message of the manager's process. By default nothing.</summary>
    protected internal virtual ProcessTask<HandlerNext> HandleInfo(object message) => HandlerNext.Ok;

    /// <summary>Called when the handler goes.</summary>
    /// <param name="argument">
    /// Why: what the remover gave; <c>stop</c> with the manager; <c>{stop, Reason}</c> with its installer; <c>remove_handler</c>; <c>{error, Reason}</c> after a failure.
    /// </param>
    /// <returns>For whoever removed it, or its successor.</returns>
    protected internal virtual ProcessTask<object> Terminate(object argument) => new(Atoms.Ok);

    /// <summary>Makes the state of this version from that of the version before, when a library is replaced (see <see cref="CodeServer"/>); then <see cref="SetState"/> takes it.</summary>
    /// <param name="state">What <see cref="GetState"/> of the old object gave.</param>
    /// <param name="oldVersion">The version of its library.</param>
    /// <param name="extra">What the instruction carries.</param>
    /// <returns>The new state. An exception fails the upgrade, and everything is as before.</returns>
    protected internal virtual ProcessTask<object> MigrateState(object state, object oldVersion, object extra) => new(state);

    /// <summary>Called while the manager is held, after code has changed.</summary>
    protected internal virtual ProcessTask CodeChange(object oldVersion, object extra) => default;

    /// <summary>The state as a term, for sys and reports. By default the handler itself if it stands for a term, else <c>{Class, Text}</c>.</summary>
    protected internal virtual object GetState() =>
        this is ITermConvertible term ? term.ToTerm() : Tuple.Of(Runtime.Behaviours.ModuleName.Of(GetType()), ToString() ?? "");

    /// <summary>Takes a state that <c>sys:replace_state</c> or a new version brings. By default there is no way, and the state stays.</summary>
    /// <exception cref="NotSupportedException">The state cannot be set.</exception>
    protected internal virtual void SetState(object state) =>
        throw new NotSupportedException($"{GetType().Name} does not take a state: it overrides no SetState.");

    /// <summary>The state as status and reports show it.</summary>
    /// <param name="state">What <see cref="GetState"/> gave.</param>
    /// <param name="reason">Why the handler goes, in a report; null in a status.</param>
    protected internal virtual object FormatStatus(object state, object? reason) => state;
}
