using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.Supervision;

/// <summary>Child specifications as Erlang writes them, checked as OTP's supervisor checks them, with its words for what is wrong.</summary>
/// <remarks>Source: OTP, supervisor, <c>check_childspecs/2</c>.</remarks>
internal static class ChildSpecTerms
{
    internal static readonly Atom Id = Atom.Of("id");
    internal static readonly Atom Start = Atom.Of("start");
    internal static readonly Atom Restart = Atom.Of("restart");
    internal static readonly Atom Significant = Atom.Of("significant");
    internal static readonly Atom Shutdown = Atom.Of("shutdown");
    internal static readonly Atom Type = Atom.Of("type");
    internal static readonly Atom Modules = Atom.Of("modules");
    internal static readonly Atom AutoShutdownKey = Atom.Of("auto_shutdown");
    private static readonly Atom s_invalidChildSpec = Atom.Of("invalid_child_spec");
    private static readonly Atom s_badCombination = Atom.Of("bad_combination");
    private static readonly Atom s_dynamic = Atom.Of("dynamic");
    private static readonly Atom s_worker = Atom.Of("worker");
    private static readonly Atom s_supervisor = Atom.Of("supervisor");
    private static readonly Atom[] s_restarts = [Atom.Of("permanent"), Atom.Of("transient"), Atom.Of("temporary")];
    private static readonly Atom[] s_autoShutdowns = [Atom.Of("never"), Atom.Of("any_significant"), Atom.Of("all_significant")];

    internal static Atom Of(ChildRestart restart) => s_restarts[(int)restart];

    internal static Atom Of(AutoShutdown autoShutdown) => s_autoShutdowns[(int)autoShutdown];

    internal static Atom Of(bool isSupervisor) => isSupervisor ? s_supervisor : s_worker;

    internal static Map Write(ChildSpec spec, bool isSupervisor, List? added = null) =>
        Map.Of(
            (Id, spec.Id),
            (Start, spec.Start.ToTerm(added ?? List.Empty)),
            (Restart, Of(spec.Restart)),
            (Significant, spec.IsSignificant ? Atoms.True : Atoms.False),
            (Shutdown, spec.Shutdown.For(isSupervisor).ToTerm()),
            (Type, Of(isSupervisor)),
            (Modules, ModulesOf(spec))
        );

    internal static object ModulesOf(ChildSpec spec) => spec.Modules ?? List.Of(spec.Start.Module);

    /// <summary>Reads a map or a tuple; or the specification itself, which travels as it is within a node.</summary>
    internal static bool TryRead(object term, [NotNullWhen(true)] out ChildSpec? spec, [NotNullWhen(false)] out object? fault)
    {
        spec = term as ChildSpec;
        fault = null;
        if (spec is not null)
            return true;
        switch (term)
        {
            case Map map:
                fault = Read(map, out spec);
                break;
            case Tuple { Count: 6 } old:
                fault = Read(
                    Map.Of((Id, old[0]), (Start, old[1]), (Restart, old[2]), (Shutdown, old[3]), (Type, old[4]), (Modules, old[5])),
                    out spec
                );
                break;
            default:
                fault = Tuple.Of(s_invalidChildSpec, term);
                break;
        }

        return spec is not null;
    }

    private static object? Read(Map map, out ChildSpec? spec)
    {
        spec = null;
        if (!map.TryGetValue(Id, out object? id))
            return Atom.Of("missing_id");
        if (!map.TryGetValue(Start, out object? start))
            return Atom.Of("missing_start");
        if (start is not (Tuple and [Atom module, Atom function, List { IsProper: true } arguments]))
            return Tuple.Of(Atom.Of("invalid_mfa"), start);
        object restart = map.GetValueOrDefault(Restart, s_restarts[0]);
        int restartIndex = Array.IndexOf(s_restarts, restart as Atom);
        if (restartIndex < 0)
            return Tuple.Of(Atom.Of("invalid_restart_type"), restart);
        object significant = map.GetValueOrDefault(Significant, Atoms.False);
        if (!Term.AreEqual(significant, Atoms.True) && !Term.AreEqual(significant, Atoms.False))
            return Tuple.Of(Atom.Of("invalid_significant"), significant);
        object type = map.GetValueOrDefault(Type, s_worker);
        if (!ReferenceEquals(type, s_worker) && !ReferenceEquals(type, s_supervisor))
            return Tuple.Of(Atom.Of("invalid_child_type"), type);
        ChildShutdown shutdown = default;
        if (map.TryGetValue(Shutdown, out object? given) && !ChildShutdown.TryFrom(given, out shutdown))
            return Tuple.Of(Atom.Of("invalid_shutdown"), given);
        object modules = map.GetValueOrDefault(Modules, List.Of(module));
        if (FaultOfModules(modules) is { } fault)
            return fault;
        spec = new ChildSpec(id, module, function, arguments)
        {
            Restart = (ChildRestart)restartIndex,
            IsSignificant = Term.AreEqual(significant, Atoms.True),
            Type = ReferenceEquals(type, s_supervisor) ? ChildType.Supervisor : ChildType.Worker,
            Shutdown = shutdown,
            Modules = modules,
        };
        return null;
    }

    /// <summary>What is wrong with children that belong to one supervisor; null for nothing.</summary>
    internal static object? FaultOf(IEnumerable<ChildSpec> children, AutoShutdown? autoShutdown)
    {
        HashSet<object> ids = new(TermComparer.Instance);
        foreach (ChildSpec spec in children)
        {
            if (FaultOf(spec, autoShutdown) is { } fault)
                return fault;
            if (!ids.Add(spec.Id))
                return Tuple.Of(Atom.Of("duplicate_child_name"), spec.Id);
        }

        return null;
    }

    /// <summary>What is wrong with one child; null for nothing.</summary>
    internal static object? FaultOf(ChildSpec spec, AutoShutdown? autoShutdown)
    {
        if (spec is null)
            return Tuple.Of(s_invalidChildSpec, Atoms.Undefined);
        if (spec.IsSignificant && autoShutdown == AutoShutdown.Never)
            return BadCombination((AutoShutdownKey, Of(AutoShutdown.Never)), (Significant, Atoms.True));
        if (spec.IsSignificant && spec.Restart == ChildRestart.Permanent)
            return BadCombination((Restart, Of(spec.Restart)), (Significant, Atoms.True));
        if (spec.IsAsync && spec.Start is not FactoryStart)
            return BadCombination((Atom.Of("async"), Atoms.True), (Start, spec.Start.ToTerm(List.Empty)));
        if (spec.Options is not null && spec.Start is not FactoryStart)
            return BadCombination((Atom.Of("options"), Atoms.True), (Start, spec.Start.ToTerm(List.Empty)));
        if (spec.BackOff?.Fault() is { } text)
            return Tuple.Of(Atom.Of("invalid_back_off"), text);
        return spec.Modules is null ? null : FaultOfModules(spec.Modules);
    }

    private static Tuple BadCombination((Atom Key, object Value) first, (Atom Key, object Value) second) =>
        Tuple.Of(s_badCombination, List.Of(Tuple.Of(first.Key, first.Value), Tuple.Of(second.Key, second.Value)));

    private static Tuple? FaultOfModules(object modules)
    {
        if (ReferenceEquals(modules, s_dynamic))
            return null;
        if (modules is not List { IsProper: true } list)
            return Tuple.Of(Atom.Of("invalid_modules"), modules);
        foreach (object module in list)
        {
            if (module is not Atom)
                return Tuple.Of(Atom.Of("invalid_module"), module);
        }

        return null;
    }
}
