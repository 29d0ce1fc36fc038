namespace CloudScale.Runtime.Supervision;

/// <content>What a supervisor is asked: OTP's requests and answers.</content>
internal sealed partial class SupervisorCore
{
    internal static readonly Atom StartChildRequest = Atom.Of("start_child");
    internal static readonly Atom TerminateChildRequest = Atom.Of("terminate_child");
    private static readonly Atom s_notFound = Atom.Of("not_found");
    private static readonly Atom s_running = Atom.Of("running");
    private static readonly Atom s_alreadyPresent = Atom.Of("already_present");
    private static readonly Atom s_alreadyStarted = Atom.Of("already_started");
    private static readonly Atom s_simpleOneForOne = FlagTerms.Of(RestartStrategy.SimpleOneForOne);
    private static readonly Atom s_badCall = Atom.Of("bad_call");

    /// <summary>A request. The answer is in <see cref="Answer"/> after the last step.</summary>
    internal IEnumerable<Step> OnRequest(object request)
    {
        switch (request)
        {
            case Atom { Name: "which_children" }:
                Answer = WhichChildren();
                return [];
            case Atom { Name: "count_children" }:
                Answer = CountChildren();
                return [];
            case Tuple and [Atom tag, var what] when ReferenceEquals(tag, StartChildRequest):
                return IsDynamic ? StartDynamic(what) : StartChild(what);
            case Tuple and [Atom tag, var id] when ReferenceEquals(tag, TerminateChildRequest):
                return TerminateChild(id);
            case Tuple and [Atom { Name: "restart_child" }, var id]:
                return RestartChild(id);
            case Tuple and [Atom { Name: "delete_child" }, var id]:
                DeleteChild(id);
                return [];
            case Tuple and [Atom { Name: "get_childspec" }, var id]:
                Answer = GetChildSpec(id);
                return [];
            default:
                Answer = Failed(Tuple.Of(s_badCall, request));
                return [];
        }
    }

    private IEnumerable<Step> StartDynamic(object added)
    {
        if (added is not List { IsProper: true } arguments)
        {
            Answer = Failed(Atom.Of("badarg"));
            yield break;
        }

        Child child = NewDynamic(arguments);
        yield return new Step(StepKind.Start, child);
        OnDynamicStarted(child);
    }

    /// <summary>A child of a dynamic supervisor that is to be started.</summary>
    internal Child NewDynamic(List arguments) => new(Template!, arguments);

    /// <summary>Takes what its start brought. The answer to whoever asked is in <see cref="Answer"/>.</summary>
    internal void OnDynamicStarted(Child child)
    {
        if (Started.IsOk)
            Children.Add(child);
        if (Take(child) is { } reason)
            Answer = Failed(reason);
        else
            Answer = Started.IsIgnore ? Tuple.Of(Atoms.Ok, Atoms.Undefined) : Started.ToTerm();
    }

    private IEnumerable<Step> StartChild(object given)
    {
        if (
            !ChildSpecTerms.TryRead(given, out ChildSpec? spec, out object? fault)
            || (fault = ChildSpecTerms.FaultOf(spec, Flags.AutoShutdown)) is not null
        )
        {
            Answer = Failed(fault!);
            yield break;
        }

        if (Children.Find(spec.Id) is { } old)
        {
            Answer = Failed(old.IsRunning ? Tuple.Of(s_alreadyStarted, old.Pid) : s_alreadyPresent);
            yield break;
        }

        Child child = new(spec, List.Empty);
        yield return new Step(StepKind.Start, child);
        if (Started is { IsOk: false, IsIgnore: false })
        {
            bool isTaken = Started.AlreadyStarted is { IsNone: false };
            Answer = Failed(isTaken ? Started.Error! : Tuple.Of(Started.Error ?? Atoms.Undefined, Record(child)));
            yield break;
        }

        Children.Add(child);
        Take(child);
        Answer = Started.IsIgnore ? Tuple.Of(Atoms.Ok, Atoms.Undefined) : Started.ToTerm();
        if (child.IsRunning)
            yield return new Step(StepKind.Progress, child);
    }

    private IEnumerable<Step> TerminateChild(object id)
    {
        if (IsDynamic && id is not Pid)
            return Refused(s_simpleOneForOne);
        Child? child = Find(id);
        Answer = Atoms.Ok;
        return child is null ? Refused(s_notFound) : Stop(child);
    }

    private IEnumerable<Step> RestartChild(object id)
    {
        if (IsDynamic)
            return Refused(s_simpleOneForOne);
        return Children.Find(id) switch
        {
            null => Refused(s_notFound),
            { State: ChildState.Restarting } => Refused(ChildTable.Restarting),
            { IsRunning: true } => Refused(s_running),
            var child => StartAgain(child),
        };
    }

    private IEnumerable<Step> StartAgain(Child child)
    {
        yield return new Step(StepKind.Start, child);
        if (Take(child) is { } reason)
        {
            Answer = Failed(reason);
            yield break;
        }

        Answer = Started.IsIgnore ? Tuple.Of(Atoms.Ok, Atoms.Undefined) : Started.ToTerm();
        if (child.IsRunning)
            yield return new Step(StepKind.Progress, child);
    }

    private void DeleteChild(object id)
    {
        Child? child = Children.Find(id);
        Answer =
            IsDynamic ? Failed(s_simpleOneForOne)
            : child is null ? Failed(s_notFound)
            : child.State == ChildState.Restarting ? Failed(ChildTable.Restarting)
            : child.IsRunning ? Failed(s_running)
            : Atoms.Ok;
        if (ReferenceEquals(Answer, Atoms.Ok))
            Children.Remove(child!);
    }

    private Tuple GetChildSpec(object id) =>
        IsDynamic && id is not Pid && Term.AreEqual(id, Template!.Id)
            ? Tuple.Of(Atoms.Ok, ChildSpecTerms.Write(Template, Template.Type == ChildType.Supervisor))
        : Find(id) is { } child ? Tuple.Of(Atoms.Ok, ChildSpecTerms.Write(child.Spec, child.IsSupervisor))
        : Failed(s_notFound);

    private List WhichChildren()
    {
        object[] shown = new object[Children.Count];
        int at = 0;
        for (Child? child = Children.Last; child is not null; child = child.Before)
        {
            object id = IsDynamic ? Atoms.Undefined : child.Spec.Id;
            shown[at++] = Tuple.Of(id, child.Shown, ChildSpecTerms.Of(child.IsSupervisor), ChildSpecTerms.ModulesOf(child.Spec));
        }

        return List.Create(shown);
    }

    private List CountChildren()
    {
        long active = 0;
        long supervisors = 0;
        for (Child? child = Children.Last; child is not null; child = child.Before)
        {
            active += child.IsRunning ? 1 : 0;
            supervisors += child.IsSupervisor ? 1 : 0;
        }

        return List.Of(
            Tuple.Of(Atom.Of("specs"), IsDynamic ? 1L : Children.Count),
            Tuple.Of(Atom.Of("active"), active),
            Tuple.Of(Atom.Of("supervisors"), supervisors),
            Tuple.Of(Atom.Of("workers"), Children.Count - supervisors)
        );
    }

    private Child? Find(object id) => IsDynamic ? (id is Pid pid ? Children.Find(pid) : null) : Children.Find(id);

    private IEnumerable<Step> Refused(object why)
    {
        Answer = Failed(why);
        return [];
    }

    private static Tuple Failed(object reason) => Tuple.Of(Atoms.Error, reason);

    /// <summary>A child as OTP's <c>start_child</c> shows it in an error: its record.</summary>
    internal static Tuple Record(Child child) =>
        Tuple.Of(
            Atom.Of("child"),
            child.Shown,
            child.Spec.Id,
            child.Spec.Start.ToTerm(child.Arguments),
            ChildSpecTerms.Of(child.Spec.Restart),
            child.Spec.IsSignificant ? Atoms.True : Atoms.False,
            child.Shutdown.ToTerm(),
            ChildSpecTerms.Of(child.IsSupervisor),
            ChildSpecTerms.ModulesOf(child.Spec)
        );

    /// <summary>After a change of code: new flags; specifications of the same ids replaced, new ones kept without being started, others left.</summary>
    /// <returns>What is wrong with it; null for nothing. Then nothing has changed.</returns>
    internal object? OnCodeChange(SupervisorInit init)
    {
        if (FaultOf(init) is { } fault)
            return fault;
        if (init.Flags.Strategy != Flags.Strategy && (IsDynamic || init.Flags.Strategy == RestartStrategy.SimpleOneForOne))
            return Tuple.Of(Atom.Of("bad_strategy_change"), Tuple.Of(FlagTerms.Of(Flags.Strategy), FlagTerms.Of(init.Flags.Strategy)));
        Flags = init.Flags;
        if (IsDynamic)
        {
            Template = init.Children[0];
            foreach (Child child in Children.All())
                child.Spec = Template;
            return null;
        }

        foreach (ChildSpec spec in init.Children)
        {
            if (Children.Find(spec.Id) is { } child)
                child.Spec = spec;
            else
                Children.Add(new Child(spec, List.Empty));
        }

        return null;
    }

    /// <summary>Another supervisor object takes the core over.</summary>
    /// <param name="chance">Its source of chance.</param>
    /// <returns>Makes everything as it is now, but for what processes have done.</returns>
    internal Action Lend(Func<Child, double> chance)
    {
        (Func<Child, double> old, SupervisorFlags flags, ChildSpec? template) = (_chance, Flags, Template);
        (Child Child, ChildSpec Spec)[] children = [.. Children.All().Select(child => (child, child.Spec))];
        _chance = chance;
        return () =>
        {
            (_chance, Flags, Template) = (old, flags, template);
            foreach (Child child in Children.All().Except(children.Select(static entry => entry.Child)))
                Children.Remove(child);
            foreach ((Child child, ChildSpec spec) in children)
                child.Spec = spec;
        };
    }

    /// <summary>What is wrong with what Init returned, as the reason of the supervisor's exit; null for nothing.</summary>
    internal static object? FaultOf(SupervisorInit init)
    {
        if (FlagTerms.FaultOf(init.Flags) is { } flags)
            return Tuple.Of(Atom.Of("supervisor_data"), flags);
        if (init.Flags.Strategy == RestartStrategy.SimpleOneForOne && init.Children.Count != 1)
            return Tuple.Of(Atom.Of("bad_start_spec"), List.Create([.. init.Children.Select(spec => spec.ToTerm())]));
        return ChildSpecTerms.FaultOf(init.Children, init.Flags.AutoShutdown) is { } fault ? Tuple.Of(Atom.Of("start_spec"), fault) : null;
    }
}
