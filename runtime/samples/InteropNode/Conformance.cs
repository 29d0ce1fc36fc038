using CloudScale.Samples.InteropNode.Servers;
using CloudScale.Samples.InteropNode.Services;

#pragma warning disable CA1822 // functions of a module are its methods, whether or not they need what it holds

namespace CloudScale.Samples.InteropNode;

/// <summary>The module <c>conformance</c>: functions that other nodes call by <c>rpc</c>, <c>erpc</c> and <c>spawn</c>, and agents by <c>apply</c>.</summary>
[ErlangModule("conformance")]
internal sealed partial class Conformance(FunctionTable functions)
{
    [ErlangFunction]
    public Atom Ping() => "pong";

    [ErlangFunction]
    public object Id(object term) => term;

    [ErlangFunction]
    public object Add(object left, object right) => Arithmetic.Add(left, right);

    [ErlangFunction]
    public object Incr(object number) => Arithmetic.Add(number, 1L);

    [ErlangFunction]
    public ProcessTask<object> Sleep(Self self, object time) => functions.Apply(self, "timer", "sleep", List.Of(time));

    [ErlangFunction]
    public object Raise(Atom @class, object reason) =>
        throw (
            @class.Name switch
            {
                "throw" => ErlangException.Throw(reason),
                "error" => ErlangException.Error(reason),
                "exit" => ErlangException.Exit(reason),
                _ => ErlangException.BadArgument(),
            }
        );

    /// <summary>Awaits <c>{stop, R}</c> and exits with R.</summary>
    [ErlangFunction]
    public async ProcessTask<object> Wait(Self self)
    {
        Tuple stop = await self.Receive<Tuple>(message => message is [Atom { Name: "stop" }, _]);
        throw ErlangException.Exit(stop[1]);
    }

    /// <summary>The calling process is an agent from here on.</summary>
    [ErlangFunction]
    public ProcessTask Agent(Self self) => Services.Agent.Run(self, functions);

    /// <summary>The bytes <c>I rem 251</c>, I = 1…N.</summary>
    [ErlangFunction]
    public byte[] Blob(int size)
    {
        if (size < 0)
            throw ErlangException.BadArgument();
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
            bytes[i] = (byte)((i + 1) % 251);
        return bytes;
    }

    [ErlangFunction]
    public ProcessTask<object> Io(Self self, object text) => functions.Apply(self, "io", "put_chars", List.Of(text));

    /// <summary>Spawns processes that end at once, and awaits the end of each.</summary>
    [ErlangFunction]
    public async ProcessTask<long> SpawnStorm(Self self, int count)
    {
        if (count < 0)
            throw ErlangException.BadArgument();
        Reference storm = self.MakeReference(); // the tag of its 'DOWN' messages, which other messages cannot be taken for
        ReceiveMark mark = self.Mark();
        for (int i = 0; i < count; i++)
            self.SpawnMonitor(static _ => default, new MonitorOptions { Tag = storm }, out _);
        for (int i = 0; i < count; i++)
            await self.Receive<Tuple>(message => message is [Reference tag, _, _, _, _] && tag == storm, mark: mark);
        return count;
    }

    [ErlangFunction("start_gs")]
    public async ProcessTask<object> StartGs(Self self, object mode) => (await self.Start(new Gs(mode))).ToTerm();

    [ErlangFunction("start_gs")]
    public async ProcessTask<object> StartGs(Self self, object name, object mode) =>
        name is Tuple and [Atom { Name: "local" }, Atom local]
            ? (await self.Start(new Gs(mode), new StartOptions { Name = local })).ToTerm()
            : throw ErlangException.BadArgument();

    /// <summary>The start function of a worker, for child specifications and for peers, whose calls end and are not to take it with them: a supervisor links what it starts.</summary>
    [ErlangFunction]
    public async ProcessTask<object> StartWorker(Self self, object id) => (await Worker.Start(self, id)).ToTerm();

    [ErlangFunction]
    public object StartFail(object reason) => Tuple.Of(Atoms.Error, reason);

    [ErlangFunction]
    public Atom StartIgnore() => "ignore";
}
