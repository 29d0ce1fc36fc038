namespace CloudScale.Scheduler.Tests;

public sealed class ReceiveTests
{
    [Test]
    public void Receive_MessagesOfOneSender_ComeInOrderSent()
    {
        SteppedSystem system = new();
        List<long> got = [];
        Pid receiver = system.Run(async self =>
        {
            while (true)
                got.Add(await self.Receive<long>());
        });
        system.Run(async self =>
        {
            for (int i = 0; i < 5_000; i++)
            {
                self.Send(receiver, i);
                if (i % 7 == 0)
                    await self.Yield();
            }
        });

        Assert.That(got, Is.EqualTo(Enumerable.Range(0, 5_000).Select(i => (long)i)));
    }

    [Test]
    public void Receive_OfType_LeavesOthersInOrder()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid receiver = system.Run(async self =>
        {
            got.Add(await self.Receive<string>());
            got.Add(await self.Receive<Pid>());
            for (int i = 0; i < 3; i++)
                got.Add(await self.Receive());
        });
        Pid some = new(system.Processes.Identity, 77);
        system.Processes.Send(receiver, 1L);
        system.Processes.Send(receiver, 2);
        system.Processes.Send(receiver, some);
        system.Processes.Send(receiver, "text");
        system.Processes.Send(receiver, 3L);
        system.Settle();

        Assert.That(got, Is.EqualTo(new object[] { "text", some, 1L, 2L, 3L }));
    }

    [Test]
    public void Receive_WithPredicate_TakesTheOldestThatMatchesAndScansEachMessageOnce()
    {
        SteppedSystem system = new();
        int examined = 0;
        long? got = null;
        Pid receiver = system.Run(async self =>
        {
            got = await self.Receive<long>(value =>
            {
                examined++;
                return value >= 100;
            });
        });
        for (int i = 0; i < 100; i++)
        {
            system.Processes.Send(receiver, i);
            system.Settle();
        }

        Assert.That(got, Is.Null);
        system.Processes.Send(receiver, 150);
        system.Settle();
        Assert.That(got, Is.EqualTo(150));
        Assert.That(examined, Is.EqualTo(101), "a wake-up continues where the last scan stopped");
    }

    [Test]
    public void Receive_FromMark_DoesNotLookAtOlderMessages()
    {
        SteppedSystem system = new();
        int examined = 0;
        object? answer = null;
        int backlog = 0;
        Pid client = system.Run(async self =>
        {
            await self.Receive<string>(text => text == "go");
            ReceiveMark mark = self.Mark();
            Reference reference = self.MakeReference();
            self.Send(self.Pid, Tuple.Of(reference, "answer"));
            Tuple reply = await self.Receive<Tuple>(
                message =>
                {
                    examined++;
                    return message[0].Equals(reference);
                },
                mark: mark
            );
            answer = reply[1];
            while ((await self.TryReceive<Tuple>(TimeSpan.Zero)).HasValue)
                backlog++;
        });
        for (int i = 0; i < 1_000; i++)
            system.Processes.Send(client, Tuple.Of(Atoms.Ok, i));
        system.Processes.Send(client, "go");
        system.Settle();

        Assert.That(answer, Is.EqualTo("answer"));
        Assert.That(examined, Is.EqualTo(1));
        Assert.That(backlog, Is.EqualTo(1_000));
    }

    [Test]
    public void Receive_MarkWhoseMessageIsGone_FallsBackToTheWholeMailbox()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid receiver = system.Run(async self =>
        {
            await self.Receive<string>();
            ReceiveMark mark = self.Mark(); // on the last of the integers
            got.Add(await self.Receive<long>());
            got.Add(await self.Receive<long>());
            self.Send(self.Pid, 3L);
            got.Add(await self.Receive<long>(_ => true, mark: mark));
        });
        system.Processes.Send(receiver, 1L);
        system.Processes.Send(receiver, 2L);
        system.Processes.Send(receiver, "go");
        system.Settle();

        Assert.That(got, Is.EqualTo(new object[] { 1L, 2L, 3L }));
    }

    [Test]
    public void TryReceive_NothingComes_TimesOutNotBeforeItsTime()
    {
        SteppedSystem system = new();
        Received<long>? got = null;
        system.Run(async self => got = await self.TryReceive<long>(TimeSpan.FromMilliseconds(50)));
        system.Advance(49);
        Assert.That(got, Is.Null, "not early");
        system.Advance(3);
        Assert.That(got, Is.EqualTo(default(Received<long>)));
    }

    [Test]
    public void TryReceive_MessageFirst_IsTakenAndTheTimerStaysQuiet()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(async self =>
        {
            for (int i = 0; i < 3; i++)
            {
                Received<long> one = await self.TryReceive<long>(TimeSpan.FromMilliseconds(100));
                got.Add(one.HasValue ? one.Value : "timeout");
            }
        });
        system.Advance(60);
        system.Processes.Send(pid, 1L);
        system.Advance(60); // the first timer would have fired by now
        system.Processes.Send(pid, 2L);
        system.Advance(99);
        Assert.That(got, Is.EqualTo(new object[] { 1L, 2L }));
        system.Advance(3);
        Assert.That(got, Is.EqualTo(new object[] { 1L, 2L, "timeout" }));
    }

    [Test]
    public void TryReceive_ShorterAfterLonger_FiresInTime()
    {
        SteppedSystem system = new();
        List<string> got = [];
        Pid pid = system.Run(async self =>
        {
            await self.TryReceive<long>(TimeSpan.FromSeconds(100));
            await self.TryReceive<long>(TimeSpan.FromMilliseconds(10));
            got.Add("short");
            await self.TryReceive<long>(TimeSpan.FromMilliseconds(20));
            got.Add("longer");
        });
        system.Processes.Send(pid, 1L);
        system.Settle();
        system.Advance(12);
        Assert.That(got, Is.EqualTo(new[] { "short" }));
        system.Advance(22);
        Assert.That(got, Is.EqualTo(new[] { "short", "longer" }));
    }

    [Test]
    public void Receive_WithTimeout_Throws()
    {
        SteppedSystem system = new();
        string? caught = null;
        system.Run(async self =>
        {
            try
            {
                await self.Receive<long>(TimeSpan.FromMilliseconds(5));
            }
            catch (TimeoutException exception)
            {
                caught = exception.Message;
            }
        });
        system.Advance(10);
        Assert.That(caught, Does.Contain("Int64").And.Contain("5 ms"));
    }

    [Test]
    public void TryReceive_Zero_TakesWhatIsThereAndNeverWaits()
    {
        SteppedSystem system = new();
        List<bool> got = [];
        system.Run(async self =>
        {
            got.Add((await self.TryReceive<long>(TimeSpan.Zero)).HasValue);
            self.Send(self.Pid, 1L);
            got.Add((await self.TryReceive<long>(TimeSpan.Zero)).HasValue);
            got.Add((await self.TryReceive<long>(TimeSpan.Zero)).HasValue);
        });
        Assert.That(got, Is.EqualTo(new[] { false, true, false }));
    }

    [Test]
    public void Receive_PredicateThrows_FaultsWhereTheBodyAwaits()
    {
        SteppedSystem system = new();
        string? caught = null;
        Pid pid = system.Run(async self =>
        {
            try
            {
                await self.Receive<long>(_ => throw new InvalidOperationException("predicate"));
            }
            catch (InvalidOperationException exception)
            {
                caught = exception.Message;
            }
        });
        system.Processes.Send(pid, 1L);
        system.Settle();
        Assert.That(caught, Is.EqualTo("predicate"));
    }

    [Test]
    public void Sleep_MessagesMeanwhile_StayInTheMailbox()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(async self =>
        {
            await self.Sleep(TimeSpan.FromMilliseconds(20));
            got.Add("slept");
            got.Add(await self.Receive());
        });
        system.Processes.Send(pid, "early");
        system.Advance(10);
        Assert.That(got, Is.Empty);
        system.Advance(15);
        Assert.That(got, Is.EqualTo(new object[] { "slept", "early" }));
    }

    [Test]
    public void SendAfter_Cancelled_IsNotSent()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(async self =>
        {
            while (true)
                got.Add(await self.Receive());
        });
        ProcessTimer first = system.Processes.SendAfter(TimeSpan.FromMilliseconds(10), pid, "a");
        ProcessTimer second = system.Processes.SendAfter(TimeSpan.FromMilliseconds(10), pid, "b");
        Assert.That(first.Cancel());
        system.Advance(15);
        Assert.That(got, Is.EqualTo(new object[] { "b" }));
        Assert.That(first.Cancel(), Is.False);
        Assert.That(second.Cancel(), Is.False, "it has been sent");
    }

    [Test]
    public void NestedCalls_ReturnValuesAndExceptions()
    {
        SteppedSystem system = new();
        List<object> got = [];
        Pid pid = system.Run(async self =>
        {
            got.Add(await Sum(self, 50));
            try
            {
                await Fail(self);
            }
            catch (InvalidOperationException exception)
            {
                got.Add(exception.Message);
            }
        });
        for (int i = 1; i <= 51; i++)
            system.Processes.Send(pid, i);
        system.Settle();
        Assert.That(got, Is.EqualTo(new object[] { 50L * 51 / 2, "after 51" }));

        static async ProcessTask<long> Sum(Self self, int depth) =>
            depth == 0 ? 0 : await self.Receive<long>() + await Sum(self, depth - 1);

        static async ProcessTask Fail(Self self) => throw new InvalidOperationException($"after {await self.Receive<long>()}");
    }

    [Test]
    public void ProcessTask_AwaitedTwice_IsCaught()
    {
        SteppedSystem system = new();
        string? caught = null;
        system.Run(async self =>
        {
            ProcessTask task = Nap(self);
            await task;
            try
            {
                await task;
            }
            catch (InvalidOperationException exception)
            {
                caught = exception.Message;
            }
        });
        Assert.That(caught, Does.Contain("once"));

        static async ProcessTask Nap(Self self) => await self.Yield();
    }

    [Test]
    public void Self_UsedOutsideItsProcess_IsCaught()
    {
        SteppedSystem system = new();
        Self leaked = default;
        string? caught = null;
        system.Run(async self =>
        {
            leaked = self;
            await self.Receive();
        });
        Assert.That(() => leaked.Send(leaked.Pid, 1L), Throws.InvalidOperationException.With.Message.Contains("outside of its process"));
        system.Run(self =>
        {
            try
            {
                leaked.Send(self.Pid, 1L);
            }
            catch (InvalidOperationException exception)
            {
                caught = exception.Message;
            }

            return default;
        });
        Assert.That(caught, Does.Contain("another process"));
    }
}
