namespace CloudScale.Runtime.Services.Standard;

/// <summary>Functions that call functions: <c>apply</c>, <c>spawn</c> and its forms, <c>rpc</c>, <c>erpc</c>, and calls of servers.</summary>
internal static class ErlangCalls
{
    private static readonly Atom s_erlang = Atom.Of("erlang");

    internal static void Export(FunctionTable functions, Node node)
    {
        functions.Export(s_erlang, "apply", 2, (self, arguments) => ApplyFun(functions, self, arguments[0], TakeList(arguments, 1)));
        functions.Export(
            s_erlang,
            "apply",
            3,
            (self, arguments) => functions.Apply(self, TakeAtom(arguments, 0), TakeAtom(arguments, 1), TakeList(arguments, 2))
        );
        ExportSpawn(functions);
        ExportRemoteCalls(functions);
        ExportServers(functions, node);
    }

    /// <summary>Only <c>fun M:F/A</c> can be called: the code of any other fun is elsewhere.</summary>
    private static ProcessTask<object> ApplyFun(FunctionTable functions, Self self, object fun, List arguments)
    {
        if (fun is not ExternalFun external)
            throw ErlangException.Error(Tuple.Of(Atom.Of("badfun"), fun));
        if (external.Arity != arguments.Count)
            throw ErlangException.Error(Tuple.Of(Atom.Of("badarity"), Tuple.Of(fun, arguments)));
        return functions.Apply(self, external.Module, external.Function, arguments);
    }

    private static void ExportSpawn(FunctionTable functions)
    {
        foreach (
            (string name, bool link, bool monitor) in new[]
            {
                ("spawn", false, false),
                ("spawn_link", true, false),
                ("spawn_monitor", false, true),
            }
        )
        {
            SpawnRequestOptions options = new() { Link = link, Monitor = monitor ? default(MonitorOptions) : null };
            functions.Export(s_erlang, name, 3, (self, arguments) => Spawn(self, self.Pid.Node.Name, arguments, options));
            functions.Export(s_erlang, name, 4, (self, arguments) => Spawn(self, TakeAtom(arguments, 0), arguments[1..], options));
        }

        functions.Export(
            s_erlang,
            "spawn_opt",
            4,
            (self, arguments) => Spawn(self, self.Pid.Node.Name, arguments, OptionsIn(TakeList(arguments, 3)))
        );
        functions.Export(
            s_erlang,
            "spawn_opt",
            5,
            (self, arguments) => Spawn(self, TakeAtom(arguments, 0), arguments[1..], OptionsIn(TakeList(arguments, 4)))
        );
        ErlangMessages.Export(
            functions,
            s_erlang,
            "spawn_request",
            3,
            (self, arguments) => Request(self, self.Pid.Node.Name, arguments, List.Empty)
        );
        ErlangMessages.Export(
            functions,
            s_erlang,
            "spawn_request",
            4,
            (self, arguments) =>
                arguments[3] is List { IsProper: true } options && arguments[2] is List
                    ? Request(self, self.Pid.Node.Name, arguments, options)
                    : Request(self, TakeAtom(arguments, 0), arguments[1..], List.Empty)
        );
        ErlangMessages.Export(
            functions,
            s_erlang,
            "spawn_request",
            5,
            (self, arguments) => Request(self, TakeAtom(arguments, 0), arguments[1..], TakeList(arguments, 4))
        );
        ErlangMessages.Export(
            functions,
            s_erlang,
            "spawn_request_abandon",
            1,
            (self, arguments) => self.AbandonSpawn(FunctionArguments.Take<Reference>(arguments, 0))
        );
    }

    private static Reference Request(Self self, Atom node, List call, List options) =>
        self.SpawnRequest(node, TakeAtom(call, 0), TakeAtom(call, 1), TakeList(call, 2), OptionsIn(options));

    /// <summary>Starts a process and waits until it is there. On a node that cannot be reached it is one all the same, as in Erlang, and link and monitor tell of its end.</summary>
    private static async ProcessTask<object> Spawn(Self self, Atom node, List call, SpawnRequestOptions options)
    {
        ReceiveMark mark = self.Mark();
        Reference request = Request(self, node, call, options);
        Tuple answer = await self.Receive<Tuple>(
            message => message is [Atom { Name: "spawn_reply" }, Reference about, Atom, _] && about == request,
            mark: mark
        );
        if (answer[3] is Pid pid)
            return options.Monitor is null ? pid : Tuple.Of(pid, request);
        if (!ReferenceEquals(answer[3], Atoms.NoConnection))
            throw ErlangException.Error(answer[3] is Atom { Name: "badopt" } ? FunctionAtoms.BadArg : answer[3]);
        SpawnOptions linked = new() { Link = options.Link };
        if (options.Monitor is not { } monitoring)
            return self.Spawn(static _ => throw new ProcessExitException(Atoms.NoConnection), linked);
        Pid lost = self.SpawnMonitor(
            static _ => throw new ProcessExitException(Atoms.NoConnection),
            monitoring,
            out Reference monitor,
            linked
        );
        return Tuple.Of(lost, monitor);
    }

    private static Reference Request(Self self, Atom node, List call, SpawnRequestOptions options) =>
        self.SpawnRequest(node, TakeAtom(call, 0), TakeAtom(call, 1), TakeList(call, 2), options);

    private static SpawnRequestOptions OptionsIn(List options)
    {
        SpawnRequestOptions result = default;
        List<object> others = [];
        foreach (object option in options)
        {
            switch (option)
            {
                case Atom { Name: "link" }:
                    result = result with { Link = true };
                    break;
                case Atom { Name: "monitor" }:
                    result = result with { Monitor = default(MonitorOptions) };
                    break;
                case Tuple and [Atom { Name: "monitor" }, List how]:
                    result = result with { Monitor = ErlangMessages.MonitorOptionsIn(how) };
                    break;
                case Tuple and [Atom { Name: "reply_tag" }, var tag]:
                    result = result with { ReplyTag = tag };
                    break;
                case Tuple and [Atom { Name: "reply" }, Atom mode]:
                    result = result with { Reply = ReplyModeOf(mode) };
                    break;
                default:
                    others.Add(option);
                    break;
            }
        }

        return result with
        {
            Others = others.Count == 0 ? null : List.Of([.. others]),
        };
    }

    private static SpawnReplyMode ReplyModeOf(Atom mode) =>
        mode.Name switch
        {
            "yes" => SpawnReplyMode.Yes,
            "no" => SpawnReplyMode.No,
            "error_only" => SpawnReplyMode.ErrorOnly,
            "success_only" => SpawnReplyMode.SuccessOnly,
            _ => throw ErlangException.BadArgument(),
        };

    private static void ExportRemoteCalls(FunctionTable functions)
    {
        functions.Export("rpc", "call", 4, (self, arguments) => CallRpc(self, arguments, Timeout.InfiniteTimeSpan));
        functions.Export("rpc", "call", 5, (self, arguments) => CallRpc(self, arguments, TimeoutOf(arguments[4])));
        functions.Export("erpc", "call", 4, (self, arguments) => CallErpc(self, arguments, Timeout.InfiniteTimeSpan));
        functions.Export("erpc", "call", 5, (self, arguments) => CallErpc(self, arguments, TimeoutOf(arguments[4])));
        ErlangMessages.Export(functions, "rpc", "cast", 4, (self, arguments) => Cast(self, arguments, Atoms.True));
        ErlangMessages.Export(functions, "erpc", "cast", 4, (self, arguments) => Cast(self, arguments, Atoms.Ok));
    }

    private static async ProcessTask<object> CallRpc(Self self, List arguments, TimeSpan timeout)
    {
        try
        {
            return await Rpc.Call(
                self,
                TakeAtom(arguments, 0),
                TakeAtom(arguments, 1),
                TakeAtom(arguments, 2),
                TakeList(arguments, 3),
                timeout
            );
        }
        catch (RpcException exception)
        {
            return Tuple.Of(RpcException.Tag, exception.Reason);
        }
    }

    private static ProcessTask<object> CallErpc(Self self, List arguments, TimeSpan timeout) =>
        Erpc.Call(self, TakeAtom(arguments, 0), TakeAtom(arguments, 1), TakeAtom(arguments, 2), TakeList(arguments, 3), timeout);

    private static Atom Cast(Self self, List arguments, Atom answer)
    {
        Erpc.Cast(self, TakeAtom(arguments, 0), TakeAtom(arguments, 1), TakeAtom(arguments, 2), TakeList(arguments, 3));
        return answer;
    }

    private static void ExportServers(FunctionTable functions, Node node)
    {
        Atom server = "gen_server";
        functions.Export(server, "call", 2, (self, arguments) => CallServer(self, ServerOf(node, arguments[0]), arguments[1]));
        functions.Export(
            server,
            "call",
            3,
            (self, arguments) => self.Call(ServerOf(node, arguments[0]), arguments[1], TimeoutOf(arguments[2]))
        );
        functions.Export(
            server,
            "cast",
            2,
            async (self, arguments) =>
            {
                await self.Cast(ServerOf(node, arguments[0]), arguments[1]);
                return Atoms.Ok;
            }
        );
    }

    /// <summary>A call that was given no time-out: its failure names none, as OTP's does.</summary>
    private static async ProcessTask<object> CallServer(Self self, ServerRef server, object request)
    {
        try
        {
            return await self.Call(server, request);
        }
        catch (ProcessExitException exit)
            when (exit.Reason is Tuple and [var reason, Tuple and [var module, var function, List and [var called, var asked, _]]])
        {
            throw new ProcessExitException(Tuple.Of(reason, Tuple.Of(module, function, List.Of(called, asked))));
        }
    }

    /// <summary>A server by pid, name, <c>{Name, Node}</c>, <c>{global, Name}</c> or <c>{via, global, Name}</c>.</summary>
    private static ServerRef ServerOf(Node node, object server) =>
        server switch
        {
            Tuple and [Atom { Name: "global" }, var name] => ServerName.Via(node.Global, name),
            Tuple and [Atom { Name: "via" }, Atom { Name: "global" }, var name] => ServerName.Via(node.Global, name),
            _ => ServerRef.TryFrom(server, out ServerRef reference) ? reference : throw ErlangException.BadArgument(),
        };

    private static Atom TakeAtom(List arguments, int index) => FunctionArguments.Take<Atom>(arguments, index);

    private static List TakeList(List arguments, int index) => FunctionArguments.Take<List>(arguments, index);

    /// <summary>A time-out as Erlang writes it: milliseconds, or <c>infinity</c>; of <c>erpc</c> also a map of options.</summary>
    private static TimeSpan TimeoutOf(object timeout) =>
        Term.Normalize(timeout) switch
        {
            Atom { Name: "infinity" } => Timeout.InfiniteTimeSpan,
            long milliseconds and >= 0 and <= int.MaxValue => TimeSpan.FromMilliseconds(milliseconds),
            Map options => options.TryGetValue((Atom)"timeout", out object? inner) && inner is not Map
                ? TimeoutOf(inner)
                : Timeout.InfiniteTimeSpan,
            _ => throw ErlangException.BadArgument(),
        };
}
