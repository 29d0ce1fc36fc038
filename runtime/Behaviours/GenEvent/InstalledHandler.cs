namespace CloudScale.Runtime.Behaviours;

/// <summary>A handler in its manager: its name, and who stands for it.</summary>
internal sealed class InstalledHandler(HandlerId id, GenEventHandler handler, Pid supervisor)
{
    private static readonly Atom s_handler = Atom.Of("handler");

    internal readonly HandlerId Id = id;
    internal readonly GenEventHandler Handler = handler;

    /// <summary>Who installed it and is linked to the manager for it; none for nobody.</summary>
    internal readonly Pid Supervisor = supervisor;

    private object IdTerm => Id.Id ?? Atoms.False;

    /// <summary>As <c>sys:get_state</c> shows it.</summary>
    internal Tuple StateTerm => Tuple.Of(Id.Module, IdTerm, StatusTerms.Shown(Handler.GetState()));

    /// <summary>As <c>sys:get_status</c> shows it.</summary>
    internal Tuple StatusTerm =>
        Tuple.Of(
            s_handler,
            Id.Module,
            IdTerm,
            StatusTerms.Shown(Handler.FormatStatus(Handler.GetState(), null)),
            Supervisor.IsNone ? Atoms.False : Supervisor
        );
}

/// <summary>An object to be installed, on its way to the manager in the place of the argument.</summary>
internal sealed record HandlerOffer(GenEventHandler Handler, object Argument);
