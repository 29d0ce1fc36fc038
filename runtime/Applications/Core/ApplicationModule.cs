namespace CloudScale.Runtime.Applications;

/// <summary>The functions of Erlang's module <c>application</c> that a node exports: questions with the introspection functions, what starts and stops with those that change the node.</summary>
internal static class ApplicationModule
{
    private static readonly Atom s_module = Atom.Of("application");
    private static readonly List s_version = List.FromString(typeof(ApplicationModule).Assembly.GetName().Version?.ToString(3) ?? "0");

    // The applications of OTP whose protocols the node speaks.
    private static readonly Tuple[] s_builtIn =
    [
        Tuple.Of(Atom.Of("kernel"), List.FromString("CloudScale.Runtime: distribution and services"), s_version),
        Tuple.Of(Atom.Of("stdlib"), List.FromString("CloudScale.Runtime: behaviours"), s_version),
        Tuple.Of(Atom.Of("runtime_tools"), List.FromString("CloudScale.Runtime: introspection"), s_version),
    ];

    internal static void ExportQuestions(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "which_applications", () => Shown(node.Applications.Running));
        functions.Export(s_module, "which_applications", (object _) => Shown(node.Applications.Running));
        functions.Export(s_module, "loaded_applications", () => Shown(node.Applications.Loaded));
        functions.Export(s_module, "get_env", (object _) => Atoms.Undefined);
        functions.Export(
            s_module,
            "get_env",
            (Atom name, Atom key) => Found(node.Applications.TryGetEnv(name, key, out object? value), value)
        );
        functions.Export(s_module, "get_env", (Atom name, Atom key, object otherwise) => node.Applications.GetEnv(name, key, otherwise));
        functions.Export(
            s_module,
            "get_all_env",
            (Atom name) =>
                List.Create([.. node.Applications.GetAllEnv(name).Select(static entry => (object)Tuple.Of(entry.Key, entry.Value))])
        );
        functions.Export(s_module, "get_key", (Atom name, Atom key) => GetKey(node, name, key));
        functions.Export(
            s_module,
            "get_supervisor",
            (Atom name) => Found(!node.Applications.GetSupervisor(name).IsNone, node.Applications.GetSupervisor(name))
        );
        functions.Export(
            s_module,
            "get_application",
            1,
            async (_, arguments) =>
                await node.Applications.GetApplicationAsync(FunctionArguments.Take<Pid>(arguments, 0)) is { } name
                    ? Tuple.Of(Atoms.Ok, name)
                    : Atoms.Undefined
        );
        functions.Export(
            s_module,
            "info",
            () =>
                List.Of(
                    Tuple.Of(Atom.Of("loaded"), Shown(node.Applications.Loaded)),
                    Tuple.Of(
                        Atom.Of("running"),
                        List.Create([.. node.Applications.Running.Select(static one => (object)Tuple.Of(one.Name, Atoms.Undefined))])
                    )
                )
        );
    }

    internal static void ExportControl(FunctionTable functions, Node node)
    {
        functions.Export(s_module, "start", 1, (self, arguments) => node.Applications.Start(self, NameOf(arguments)));
        functions.Export(s_module, "start", 2, (self, arguments) => node.Applications.Start(self, NameOf(arguments), RestartOf(arguments)));
        functions.Export(s_module, "ensure_started", 1, (self, arguments) => node.Applications.EnsureStarted(self, NameOf(arguments)));
        functions.Export(
            s_module,
            "ensure_all_started",
            1,
            (self, arguments) => node.Applications.EnsureAllStarted(self, NamesOf(arguments))
        );
        functions.Export(
            s_module,
            "ensure_all_started",
            2,
            (self, arguments) => node.Applications.EnsureAllStarted(self, NamesOf(arguments), RestartOf(arguments))
        );
        functions.Export(s_module, "stop", 1, (self, arguments) => node.Applications.Stop(self, NameOf(arguments)));
        functions.Export(s_module, "unload", 1, (self, arguments) => node.Applications.Unload(self, NameOf(arguments)));
        functions.Export(
            s_module,
            "set_env",
            (Atom name, Atom key, object value) =>
            {
                node.Applications.SetEnv(name, key, value);
                return Atoms.Ok;
            }
        );
        functions.Export(
            s_module,
            "unset_env",
            (Atom name, Atom key) =>
            {
                node.Applications.UnsetEnv(name, key);
                return Atoms.Ok;
            }
        );
    }

    private static List Shown(IEnumerable<ApplicationDefinition> definitions) =>
        List.Create([
            .. definitions.Select(static one => (object)Tuple.Of(one.Name, List.FromString(one.Description), List.FromString(one.Version))),
            .. s_builtIn,
        ]);

    private static object Found(bool isThere, object? value) => isThere ? Tuple.Of(Atoms.Ok, value!) : Atoms.Undefined;

    private static object GetKey(Node node, Atom name, Atom key)
    {
        ApplicationDefinition? one = node.Applications.Loaded.FirstOrDefault(one => ReferenceEquals(one.Name, name));
        object? value = one is null
            ? null
            : key.Name switch
            {
                "description" => List.FromString(one.Description),
                "vsn" => List.FromString(one.Version),
                "id" => List.Empty,
                "modules" => AtomsOf(one.Modules),
                "registered" => AtomsOf(one.Registered),
                "applications" => AtomsOf(one.Applications),
                "optional_applications" => AtomsOf(one.OptionalApplications),
                "included_applications" => AtomsOf(one.IncludedApplications.Select(static included => included.Name)),
                "start_phases" => List.Create([.. one.StartPhases.Select(static phase => (object)Tuple.Of(phase.Phase, phase.Argument))]),
                "maxT" => one.MaxTime == Timeout.InfiniteTimeSpan ? Atom.Of("infinity") : (long)one.MaxTime.TotalMilliseconds,
                _ => null,
            };
        return Found(value is not null, value);
    }

    private static List AtomsOf(IEnumerable<Atom> atoms) => List.Create([.. atoms.Select(static atom => (object)atom)]);

    private static Atom NameOf(List arguments) => FunctionArguments.Take<Atom>(arguments, 0);

    private static Atom[] NamesOf(List arguments) =>
        arguments[0] switch
        {
            Atom name => [name],
            List { IsProper: true } names when names.All(static name => name is Atom) => [.. names.Cast<Atom>()],
            _ => throw ErlangException.BadArgument(),
        };

    private static ApplicationRestart RestartOf(List arguments) =>
        arguments[1] switch
        {
            Atom { Name: "permanent" } => ApplicationRestart.Permanent,
            Atom { Name: "transient" } => ApplicationRestart.Transient,
            Atom { Name: "temporary" } => ApplicationRestart.Temporary,
            _ => throw ErlangException.BadArgument(),
        };
}
