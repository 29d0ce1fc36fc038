using System.Net;
using System.Net.Sockets;

namespace CloudScale.Runtime.Services.Standard;

/// <summary>Module <c>dbg</c> as far as etop needs it: a relay that opens the trace port which etop connects to.</summary>
/// <remarks>
/// The port is silent: it takes one connection and sends nothing, so that etop shows processes with no run time, whatever asks for traces. It is open at the node's own address while the relay lives,
/// which ends with the process that asked for it. A port has at most one. Wire: <c>dbg:do_relay(Parent, {port, Fun})</c>, where the fun is that of <c>dbg:trace_port(ip, {Port, QueueSize})</c>,
/// answered <c>{started, Pid}</c>; from OTP 27 on <c>dbg:do_relay(SessionName, Parent, {port, Fun})</c>, answered <c>{started, Pid, Session}</c>, and the session is named in each call that follows. To nodes it is
/// a term, so a reference will do. Source: OTP runtime_tools, <c>dbg</c>; observer, <c>etop_tr</c>.
/// </remarks>
internal static class TraceRelay
{
    private const long EtopQueueLength = 5000;
    private static readonly Atom s_module = Atom.Of("dbg");
    private static readonly Atom s_started = Atom.Of("started");

    internal static void Export(FunctionTable functions, Node node)
    {
        functions.Export(
            s_module,
            "do_relay",
            2,
            (self, arguments) =>
                Relay(self, node, FunctionArguments.Take<Pid>(arguments, 0), PortIn(arguments[1]), Tuple.Of(s_started, self.Pid))
        );
        functions.Export(
            s_module,
            "do_relay",
            3,
            (self, arguments) =>
                Relay(
                    self,
                    node,
                    FunctionArguments.Take<Pid>(arguments, 1),
                    PortIn(arguments[2]),
                    Tuple.Of(s_started, self.Pid, self.MakeReference())
                )
        );
        functions.Export(s_module, "erlang_trace", (object _, object _, object _) => node.Processes.ProcessCount);
        functions.Export(s_module, "erlang_trace", 4, (_, _) => new ProcessTask<object>((long)node.Processes.ProcessCount));
        functions.Export(s_module, "deliver_and_flush", (object _) => Atoms.Ok);
        functions.Export(s_module, "deliver_and_flush", (object _, object _) => Atoms.Ok);
    }

    /// <summary>The port among the variables of the fun: the other is the length of the queue, and the order is the compiler's.</summary>
    private static int PortIn(object relay)
    {
        int port = 0;
        if (relay is Tuple and [Atom { Name: "port" }, Fun fun])
        {
            foreach (object variable in fun.FreeVariables)
            {
                if (variable is long number and >= 1024 and <= IPEndPoint.MaxPort && (port == 0 || number != EtopQueueLength))
                    port = (int)number;
            }
        }

        return port != 0 ? port : throw ErlangException.BadArgument();
    }

    private static async ProcessTask<object> Relay(Self self, Node node, Pid parent, int port, Tuple started)
    {
        self.TrapExit = true;
        using TcpListener listener = new(node.ListenAddress, port);
        listener.Server.ExclusiveAddressUse = true;
        try
        {
            listener.Start(backlog: 1);
        }
        catch (SocketException)
        {
            throw ErlangException.Error(Atom.Of("eaddrinuse"));
        }

        self.Own(listener);
        self.Monitor(parent);
        self.Send(parent, started);
        Task<TcpClient> taking = listener.AcceptTcpClientAsync();
        self.Own(new Taken(taking));
        await self.Receive<object>(static message => message is Exit or Down);
        return Atoms.Ok;
    }

    /// <summary>The connection, once there is one.</summary>
    private sealed class Taken(Task<TcpClient> taking) : IDisposable
    {
        public void Dispose() =>
            taking.ContinueWith(
                static task =>
                {
                    if (task.IsCompletedSuccessfully)
                        task.Result.Dispose();
                    else
                        _ = task.Exception; // the listener was closed first
                },
                TaskScheduler.Default
            );
    }
}
