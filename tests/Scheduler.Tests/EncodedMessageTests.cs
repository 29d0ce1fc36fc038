using CloudScale.Serialization.Etf;

namespace CloudScale.Scheduler.Tests;

[Term("encoded_ping")]
internal sealed partial record Ping(Pid From, int Number);

[Term("encoded_pong")]
internal sealed partial record Pong(int Number);

/// <summary>Messages from other nodes: decoded when they are looked at, as what they are asked for.</summary>
public sealed class EncodedMessageTests
{
    private readonly List<string> _refused = [];
    private SteppedSystem _system = null!;
    private EtfDecodeContext _context = null!;

    [SetUp]
    public void NewSystem()
    {
        _refused.Clear();
        _system = new SteppedSystem();
        _context = new EtfDecodeContext(EtfLimits.Trusted, _system.Processes.Identity) { OnRefused = _refused.Add };
    }

    private void DeliverBytes(Pid to, ReadOnlySpan<byte> bytes) => _system.Processes.DeliverMessage(to, new EncodedTerm(bytes, _context));

    /// <summary>What a process that receives once gets, of messages that wait for it.</summary>
    private object? Received(Func<Self, ProcessTask<object?>> receive, params ReadOnlySpan<byte[]> messages)
    {
        object? got = null;
        Pid pid = _system.Run(async self =>
        {
            await self.Receive<Atom>(atom => atom.Name == "go");
            got = await receive(self);
        });
        foreach (byte[] message in messages)
            DeliverBytes(pid, message);
        _system.Processes.Send(pid, Atom.Of("go"));
        _system.Settle();
        return got;
    }

    private byte[] PingBytes(int number) =>
        ExternalTerm.Encode(Tuple.Of(Atom.Of("encoded_ping"), new Pid(_system.Processes.Identity, 7), (long)number));

    [Test]
    public void Receive_AsAnObject_GivesTheContractThatTagAndArityName()
    {
        object? got = Received(async self => await self.Receive(), PingBytes(3));
        Assert.That(got, Is.EqualTo(new Ping(new Pid(_system.Processes.Identity, 7), 3)));
    }

    [Test]
    public void Receive_LargeBinaries_StaysWhatItWasWhenOthersCome()
    {
        // Their bytes are rented. One that a binary keeps must not go back to the pool, where the next message would overwrite it.
        List<Binary> sent = [.. Enumerable.Range(1, 5).Select(i => Binary.CopyOf(Enumerable.Repeat((byte)i, 5_000).ToArray()))];
        List<Binary> received = [];
        Received(
            async self =>
            {
                for (int i = 0; i < sent.Count; i++)
                    received.Add(await self.Receive<Binary>());
                return null;
            },
            [.. sent.Select(binary => ExternalTerm.Encode(binary))]
        );
        Assert.That(received, Is.EqualTo(sent));
        Pid later = _system.Run(async self => await self.Receive<Binary>());
        DeliverBytes(later, ExternalTerm.Encode(Binary.CopyOf(Enumerable.Repeat((byte)99, 5_000).ToArray())));
        _system.Settle();
        Assert.That(received, Is.EqualTo(sent));
    }

    [Test]
    public void Receive_ByType_GivesWhatWasAskedFor()
    {
        Assert.That(
            Received(async self => await self.Receive<Ping>(), PingBytes(3)),
            Is.EqualTo(new Ping(new Pid(_system.Processes.Identity, 7), 3))
        );
        Assert.That(
            Received(async self => await self.Receive<Tuple>(), PingBytes(3)),
            Is.EqualTo(Tuple.Of(Atom.Of("encoded_ping"), new Pid(_system.Processes.Identity, 7), 3L))
        );
    }

    [Test]
    public void Receive_LookedAtAsOneForm_CanStillBeTakenAsTheOther()
    {
        object? contract = Received(
            async self =>
            {
                await self.TryReceive<Tuple>(_ => false, TimeSpan.Zero);
                return await self.Receive<Ping>();
            },
            PingBytes(3)
        );
        object? tuple = Received(
            async self =>
            {
                await self.TryReceive<Ping>(_ => false, TimeSpan.Zero);
                return await self.Receive<Tuple>();
            },
            PingBytes(3)
        );
        Assert.That(contract, Is.TypeOf<Ping>());
        Assert.That(Term.AreEqual(contract, tuple));
    }

    [Test]
    public void Receive_OfAnotherContract_LooksAtTheHeadAlone()
    {
        byte[] broken = PingBytes(3)[..^1]; // the number is cut off
        object? pong = Received(async self => await self.Receive<Pong>(), broken, ExternalTerm.Encode(new Pong(9)));
        Assert.That(pong, Is.EqualTo(new Pong(9)));
        Assert.That(_refused, Is.Empty, "nobody has looked behind the head of the first");
    }

    [Test]
    public void Receive_BytesThatAreNoTerm_AreUndecodableAndTellTheConnectionOnce()
    {
        byte[][] broken = [PingBytes(3)[..^1], [.. PingBytes(3), 0], [131, 104, 3, 255]];
        foreach (byte[] bytes in broken)
        {
            _refused.Clear();
            object? got = Received(
                async self =>
                {
                    await self.TryReceive<object>(_ => false, TimeSpan.Zero);
                    return await self.Receive();
                },
                bytes
            );
            Assert.That(got, Is.TypeOf<Undecodable>());
            Assert.That(_refused, Is.EqualTo(new[] { ((Undecodable)got!).Error }));
        }
    }

    private static IEnumerable<byte[]> ShortAndNoTerms() =>
        [
            [131, 98, 0],
            [131, 109, 0, 0, 0, 3, 1, 2],
            [131, 109, 0, 0, 0, 1, 1, 2],
        ];

    [TestCaseSource(nameof(ShortAndNoTerms))]
    public void Receive_NumberOrShortBinaryThatIsNoTerm_IsDroppedAndRefused(byte[] bytes)
    {
        object? got = Received(async self => await self.Receive(), bytes, ExternalTerm.Encode(5L));
        Assert.That(got, Is.EqualTo(5L));
        Assert.That(_refused, Has.Count.EqualTo(1));
    }

    [TestCase(0)]
    [TestCase(64)]
    [TestCase(1_018)]
    [TestCase(1_019)]
    public void Receive_ABinaryOfAnyLength_IsItself(int length)
    {
        Binary sent = Binary.CopyOf([.. Enumerable.Range(0, length).Select(i => (byte)i)]);
        byte[] bytes = ExternalTerm.Encode(sent);
        Assert.That(Received(async self => await self.Receive<Binary>(), bytes), Is.EqualTo(sent));
        Assert.That(Received(async self => await self.Receive(), bytes), Is.EqualTo(sent));
    }

    [Test]
    public void Deliver_AShortBinary_AllocatesItAndItsEnvelope()
    {
        Pid pid = _system.Run(async self => await self.Receive<Pid>());
        Binary binary = Binary.CopyOf(new byte[64]);
        byte[] bytes = ExternalTerm.Encode(binary);
        byte[] atom = ExternalTerm.Encode(Atoms.Ok); // which is there
        long envelope = AllocatedBytes.Least(() => DeliverBytes(pid, atom));
        long itself = AllocatedBytes.Least(() => Binary.CopyOf(binary.Span));
        Assert.That(AllocatedBytes.Least(() => DeliverBytes(pid, bytes)), Is.EqualTo(envelope + itself));
    }

    [Test]
    public void RoomFor_AProcessThatTakesMessages_AllocatesNothing()
    {
        Pid pid = _system.Run(async self => await self.Receive<Pid>());
        Assert.That(AllocatedBytes.Least(() => _system.Processes.RoomFor(pid)), Is.Zero);
    }

    [Test]
    public void Receive_TermThatOnlySeemsToBeTheContract_IsTheTerm()
    {
        Tuple other = Tuple.Of(Atom.Of("encoded_ping"), Atom.Of("nobody"), 3L);
        Assert.That(Received(async self => await self.Receive(), ExternalTerm.Encode(other)), Is.EqualTo(other));
        Assert.That(_refused, Is.Empty);
    }

    [Test]
    public void Receive_NumbersAndPids_ComeWithoutABox()
    {
        Pid pid = new(_system.Processes.Identity, 9);
        Assert.That(Received(async self => await self.Receive<long>(), ExternalTerm.Encode(5L)), Is.EqualTo(5L));
        Assert.That(Received(async self => await self.Receive<Pid>(), ExternalTerm.Encode(pid)), Is.EqualTo(pid));
    }

    [TestCase(10)]
    [TestCase(1_023)]
    [TestCase(100_000)]
    public void Receive_OfAnyLength_GivesWhatWasSent(int length)
    {
        byte[] bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        Tuple sent = Tuple.Of(Atom.Of("blob"), Binary.CopyOf(bytes), List.Of(1L, "x"));
        Assert.That(Term.AreEqual(Received(async self => await self.Receive(), ExternalTerm.Encode(sent)), sent));
    }

    [Test]
    public void GenCall_FromAnotherNode_BringsTheContractAndIsAnsweredThere()
    {
        Pid caller = new(new NodeIdentity("far@host", 1), 4);
        Tuple from = Tuple.Of(caller, "tag");
        byte[] call = ExternalTerm.Encode(Tuple.Of(Atom.Of("$gen_call"), from, new Pong(7)));
        object? got = Received(async self => await self.Receive<GenCall>(), call);
        Assert.That(got, Is.TypeOf<GenCall>());
        Assert.That(((GenCall)got!).Request, Is.EqualTo(new Pong(7)));
        Assert.That(Term.AreEqual(((GenCall)got).From.ToTerm(), from));

        object? asTerm = Received(async self => await self.Receive(), call);
        Assert.That(asTerm, Is.TypeOf<Tuple>());
        Assert.That(Term.AreEqual(asTerm, Tuple.Of(Atom.Of("$gen_call"), from, Tuple.Of(Atom.Of("encoded_pong"), 7L))));
        Assert.That(
            Received(async self => await self.TryReceive<GenCall>(TimeSpan.Zero) is { HasValue: true }, PingBytes(1)),
            Is.EqualTo(false)
        );
    }

    [Test]
    public void Alias_AnswerFromAnotherNode_EndsTheCall()
    {
        object? got = null;
        object? tag = null;
        Pid server = _system.Run(async self =>
        {
            GenCall call = await self.Receive<GenCall>();
            tag = call.From.Tag;
            await self.Sleep(Timeout.InfiniteTimeSpan);
        });
        Pid caller = _system.Run(async self => got = await self.Call(server, "x", Timeout.InfiniteTimeSpan));
        Reference alias = _system.Info(caller)!.Aliases.Single();
        _system.Processes.DeliverMessage(alias, new EncodedTerm(ExternalTerm.Encode(Tuple.Of(tag!, new Pong(7))), _context));
        _system.Settle();
        Assert.That(Term.AreEqual(got, new Pong(7)));
        Assert.That(_system.Info(server)!.MonitoredBy, Is.Empty, "the answer took the monitor back");
    }

    [Test]
    public void DeliverMessage_ToANameOfNobody_SaysSo()
    {
        Pid pid = _system.Run(async self => await self.Sleep(Timeout.InfiniteTimeSpan), new SpawnOptions { Name = "somebody" });
        EncodedTerm term = new(PingBytes(1), _context);
        Assert.That(_system.Processes.DeliverMessage(Atom.Of("nobody_at_all"), term), Is.False);
        Assert.That(_system.Processes.DeliverMessage(Atom.Of("somebody"), term), Is.True);
        Assert.That(_system.Info(pid)!.MessageQueueLength, Is.EqualTo(1));
    }
}
