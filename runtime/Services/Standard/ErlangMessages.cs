using CloudScale.Runtime.Services.Io;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>The functions of module <c>erlang</c> by which a process acts for itself: messages, links, monitors, aliases, exits and flags.</summary>
internal static class ErlangMessages
{
    private static readonly Atom s_erlang = Atom.Of("erlang");
    private static readonly Atom s_flush = Atom.Of("flush");
    private static readonly Atom s_info = Atom.Of("info");

    internal static void Export(FunctionTable functions, Node node)
    {
        ExportMessages(functions);
        ExportLinks(functions);
        ExportMonitors(functions, node);
        ExportExits(functions);
        ExportSelf(functions);
    }

    /// <summary>Exports a function that uses its process and answers at once.</summary>
    internal static void Export(FunctionTable functions, Atom module, Atom function, int arity, Func<Self, List, object> body) =>
        functions.Export(module, function, arity, (self, arguments) => new ProcessTask<object>(body(self, arguments)));

    private static void ExportMessages(FunctionTable functions)
    {
        Export(functions, s_erlang, "send", 2, static (self, arguments) => Send(self, arguments[0], arguments[1]));
        Export(functions, s_erlang, "!", 2, static (self, arguments) => Send(self, arguments[0], arguments[1]));
        Export(
            functions,
            s_erlang,
            "send",
            3,
            static (self, arguments) =>
            {
                Send(self, arguments[0], arguments[1]);
                return Atoms.Ok;
            }
        );
        Export(functions, s_erlang, "alias", 0, static (self, _) => self.Alias());
        Export(functions, s_erlang, "alias", 1, static (self, arguments) => Alias(self, FunctionArguments.Take<List>(arguments, 0)));
        Export(
            functions,
            s_erlang,
            "unalias",
            1,
            static (self, arguments) => self.Unalias(FunctionArguments.Take<Reference>(arguments, 0))
        );
    }

    /// <summary>A message to whatever Erlang sends to: a pid, an alias, a name, or <c>{Name, Node}</c>.</summary>
    internal static object Send(Self self, object to, object message)
    {
        switch (to)
        {
            case Pid pid:
                self.Send(pid, message);
                break;
            case Reference alias:
                self.Send(alias, message);
                break;
            case Atom name:
                if (!self.System.Send(name, message))
                    throw ErlangException.BadArgument();
                break;
            case Tuple and [Atom name, Atom node]:
                self.Send(name, node, message);
                break;
            default:
                throw ErlangException.BadArgument();
        }

        return message;
    }

    private static Reference Alias(Self self, List options)
    {
        AliasMode mode = AliasMode.ExplicitUnalias;
        bool priority = false;
        foreach (object option in options)
        {
            switch (option)
            {
                case Atom { Name: "explicit_unalias" }:
                    mode = AliasMode.ExplicitUnalias;
                    break;
                case Atom { Name: "reply" }:
                    mode = AliasMode.Reply;
                    break;
                case Atom { Name: "priority" }:
                    priority = true;
                    break;
                default:
                    throw ErlangException.BadArgument();
            }
        }

        return self.Alias(mode, priority);
    }

    private static void ExportLinks(FunctionTable functions)
    {
        Export(
            functions,
            s_erlang,
            "link",
            1,
            static (self, arguments) =>
            {
                self.Link(FunctionArguments.Take<Pid>(arguments, 0));
                return Atoms.True;
            }
        );
        Export(
            functions,
            s_erlang,
            "unlink",
            1,
            static (self, arguments) =>
            {
                self.Unlink(FunctionArguments.Take<Pid>(arguments, 0));
                return Atoms.True;
            }
        );
    }

    private static void ExportMonitors(FunctionTable functions, Node node)
    {
        Export(functions, s_erlang, "monitor", 2, static (self, arguments) => Monitor(self, arguments, default));
        Export(
            functions,
            s_erlang,
            "monitor",
            3,
            static (self, arguments) => Monitor(self, arguments, MonitorOptionsIn(FunctionArguments.Take<List>(arguments, 2)))
        );
        Export(
            functions,
            s_erlang,
            "demonitor",
            1,
            static (self, arguments) =>
            {
                self.Demonitor(FunctionArguments.Take<Reference>(arguments, 0));
                return Atoms.True;
            }
        );
        Export(
            functions,
            s_erlang,
            "demonitor",
            2,
            static (self, arguments) =>
            {
                List options = FunctionArguments.Take<List>(arguments, 1);
                bool stood = self.Demonitor(FunctionArguments.Take<Reference>(arguments, 0), flush: options.Contains(s_flush));
                return !options.Contains(s_info) || stood;
            }
        );
        Export(
            functions,
            s_erlang,
            "monitor_node",
            2,
            (self, arguments) =>
            {
                node.NodeMonitors.Set(self.Pid, FunctionArguments.Take<Atom>(arguments, 0), FunctionArguments.Take<bool>(arguments, 1));
                return Atoms.True;
            }
        );
    }

    private static Reference Monitor(Self self, List arguments, MonitorOptions options)
    {
        if (arguments[0] is not Atom { Name: "process" })
            throw ErlangException.BadArgument();
        return arguments[1] switch
        {
            Pid pid => self.Monitor(pid, options),
            Atom name => self.Monitor(name, null, options),
            Tuple and [Atom name, Atom node] => self.Monitor(name, node, options),
            _ => throw ErlangException.BadArgument(),
        };
    }

    internal static MonitorOptions MonitorOptionsIn(List options)
    {
        MonitorOptions result = default;
        foreach (object option in options)
        {
            result = option switch
            {
                Tuple and [Atom { Name: "alias" }, Atom mode] => result with { Alias = AliasModeOf(mode) },
                Tuple and [Atom { Name: "tag" }, var tag] => result with { Tag = tag },
                Atom { Name: "priority" } => result with { Priority = true },
                _ => throw ErlangException.BadArgument(),
            };
        }

        return result;
    }

    private static AliasMode AliasModeOf(Atom mode) =>
        mode.Name switch
        {
            "explicit_unalias" => AliasMode.ExplicitUnalias,
            "demonitor" => AliasMode.Demonitor,
            "reply_demonitor" => AliasMode.ReplyDemonitor,
            _ => throw ErlangException.BadArgument(),
        };

    private static void ExportExits(FunctionTable functions)
    {
        Export(functions, s_erlang, "exit", 1, static (_, arguments) => throw new ProcessExitException(arguments[0]));
        Export(
            functions,
            s_erlang,
            "exit",
            2,
            static (self, arguments) =>
            {
                self.Exit(FunctionArguments.Take<Pid>(arguments, 0), arguments[1]);
                return Atoms.True;
            }
        );
        Export(functions, s_erlang, "error", 1, static (_, arguments) => throw ErlangException.Error(arguments[0]));
        Export(functions, s_erlang, "error", 2, static (_, arguments) => throw ErlangException.Error(arguments[0]));
        Export(functions, s_erlang, "throw", 1, static (_, arguments) => throw ErlangException.Throw(arguments[0]));
    }

    private static void ExportSelf(FunctionTable functions)
    {
        Export(functions, s_erlang, "self", 0, static (self, _) => self.Pid);
        Export(functions, s_erlang, "process_flag", 2, static (self, arguments) => SetFlag(self, arguments));
        Export(functions, s_erlang, "group_leader", 0, static (self, _) => self.GroupLeader);
        Export(
            functions,
            s_erlang,
            "group_leader",
            2,
            static (self, arguments) =>
            {
                Pid leader = arguments[0] is Atom name ? self.WhereIs(name) : FunctionArguments.Take<Pid>(arguments, 0);
                if (leader.IsNone)
                    throw ErlangException.BadArgument();
                Pid process = FunctionArguments.Take<Pid>(arguments, 1);
                if (process == self.Pid)
                    self.GroupLeader = leader;
                else
                    self.SetGroupLeader(process, leader);
                return Atoms.True;
            }
        );
        ExportIo(functions);
    }

    private static object SetFlag(Self self, List arguments)
    {
        switch (arguments[0])
        {
            case Atom { Name: "trap_exit" }:
                bool before = self.TrapExit;
                self.TrapExit = FunctionArguments.Take<bool>(arguments, 1);
                return before;
            case Atom { Name: "priority" }:
                Atom level = ProcessInfoTerms.PriorityOf(self.Priority);
                self.Priority = FunctionArguments.Take<Atom>(arguments, 1).Name switch
                {
                    "low" => ProcessPriority.Low,
                    "normal" => ProcessPriority.Normal,
                    "high" => ProcessPriority.High,
                    _ => throw ErlangException.BadArgument(), // max is the node's own
                };
                return level;
            default:
                throw ErlangException.BadArgument();
        }
    }

    private static void ExportIo(FunctionTable functions)
    {
        Atom io = Atom.Of("io");
        functions.Export(io, "put_chars", 1, static (self, arguments) => PutChars(self, default, arguments[0]));
        functions.Export(io, "put_chars", 2, static (self, arguments) => PutChars(self, DeviceOf(self, arguments[0]), arguments[1]));
        functions.Export(io, "nl", 0, static (self, _) => PutChars(self, default, List.Of(10L)));
        foreach (Atom format in new[] { IoAtoms.Format, Atom.Of("fwrite") })
        {
            functions.Export(io, format, 1, static (self, arguments) => FormatTo(self, default, arguments[0], List.Empty));
            functions.Export(io, format, 2, static (self, arguments) => FormatTo(self, default, arguments[0], arguments[1]));
            functions.Export(
                io,
                format,
                3,
                static (self, arguments) => FormatTo(self, DeviceOf(self, arguments[0]), arguments[1], arguments[2])
            );
        }
    }

    private static Pid DeviceOf(Self self, object device) =>
        device switch
        {
            Pid pid => pid,
            Atom { Name: "standard_io" } => self.GroupLeader,
            Atom name when self.WhereIs(name) is { IsNone: false } pid => pid,
            _ => throw ErlangException.BadArgument(),
        };

    private static async ProcessTask<object> PutChars(Self self, Pid device, object text)
    {
        await self.Io.PutChars(CharData.TryGetText(text) ?? throw ErlangException.BadArgument(), device);
        return Atoms.Ok;
    }

    private static async ProcessTask<object> FormatTo(Self self, Pid device, object format, object arguments)
    {
        await self.Io.PutChars(IoFormat.Format(format, arguments), device);
        return Atoms.Ok;
    }
}
