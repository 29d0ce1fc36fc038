using System.Diagnostics;
using CloudScale.Scheduling;

namespace CloudScale.Scheduler.Tests;

/// <summary>The threaded node under load: order, loss, allocation, blocking, stopping.</summary>
[NonParallelizable]
public sealed class StressTests
{
    private static TaskCompletionSource<T> Completion<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Many senders and receivers on four schedulers. Each receiver takes some messages selectively, some with a time-out, and checks for each sender that the numbers
    /// come in order; senders are killed and monitored while they send, and what they had sent before must arrive.
    /// </summary>
    [Test]
    [Category("Stress")]
    [CancelAfter(240_000)]
    public async Task ManySendersAndReceivers_TwentyMillionMessages_NothingLostNoPairOutOfOrder()
    {
        const int receivers = 40;
        const int senders = 200;
        const int rounds = 2_500; // each: one message to every receiver
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 4 });
        int failures = 0;
        long total = 0;
        string? firstFailure = null;
        CountdownEvent receiversDone = new(receivers);
        System.Collections.Concurrent.ConcurrentDictionary<Pid, byte> ending = new(); // senders in their last two rounds, or gone: only these may miss a monitor

        void Fail(string what)
        {
            Interlocked.Increment(ref failures);
            Interlocked.CompareExchange(ref firstFailure, what, null);
        }

        Pid[] targets =
        [
            .. Enumerable
                .Range(0, receivers)
                .Select(index =>
                    system.Spawn(async self =>
                    {
                        int[] last = new int[senders];
                        HashSet<Reference> mayMiss = [];
                        int finished = 0;
                        long count = 0;
                        long turn = 0;
                        while (finished < senders)
                        {
                            object message;
                            switch (turn++ % 16)
                            {
                                case 3: // only numbers of even senders: others are passed over and found later, in order
                                    Received<long> even = await self.TryReceive<long>(value => (value >> 32) % 2 == 0, TimeSpan.Zero);
                                    if (!even.HasValue)
                                        continue;
                                    message = even.Value;
                                    break;
                                case 7:
                                    Received<object> timed = await self.TryReceive(TimeSpan.FromMilliseconds(200));
                                    if (!timed.HasValue)
                                        continue;
                                    message = timed.Value;
                                    break;
                                default:
                                    message = await self.Receive();
                                    break;
                            }

                            switch (message)
                            {
                                case long value:
                                    int sender = (int)(value >> 32);
                                    int number = (int)value;
                                    if (number != ++last[sender])
                                        Fail($"receiver {index}: {number} of sender {sender} after {last[sender] - 1}");
                                    count++;
                                    break;
                                case Pid sending: // the sender introduces itself: watch it, link to every fourth
                                    Reference monitor = self.Monitor(sending);
                                    if (ending.ContainsKey(sending))
                                        mayMiss.Add(monitor);
                                    break;
                                case Down down:
                                    // noproc is right only for a sender that was at its end when this receiver, far behind, read who it is.
                                    bool late = ReferenceEquals(down.Reason, Atoms.NoProc) && mayMiss.Contains(down.Reference);
                                    if (!late && !ReferenceEquals(down.Reason, Atoms.Normal))
                                        Fail($"receiver {index}: down with {down.Reason}");
                                    finished++;
                                    break;
                                default:
                                    Fail($"receiver {index}: {message}");
                                    break;
                            }
                        }

                        for (int sender = 0; sender < senders; sender++)
                        {
                            if (last[sender] != rounds)
                                Fail($"receiver {index}: sender {sender} ended at {last[sender]}");
                        }

                        Interlocked.Add(ref total, count);
                        receiversDone.Signal();
                    })
                ),
        ];

        // Bystanders that are linked, killed and respawned all the while, so that exit signals and slot reuse mix with the messages.
        using CancellationTokenSource stop = new();
        Pid churn = system.Spawn(
            async self =>
            {
                while (!stop.IsCancellationRequested)
                {
                    Pid victim = self.SpawnLink(async child =>
                    {
                        while (true)
                            await child.Receive();
                    });
                    self.Send(victim, "noise");
                    self.Exit(victim, Atoms.Kill);
                    Exit exit = await self.Receive<Exit>();
                    if (exit.From != victim || !ReferenceEquals(exit.Reason, Atoms.Killed))
                        Fail($"churn: {exit}");
                }
            },
            new SpawnOptions { TrapExit = true }
        );

        for (int s = 0; s < senders; s++)
        {
            int sender = s;
            system.Spawn(async self =>
            {
                foreach (Pid target in targets)
                    self.Send(target, self.Pid);
                for (int i = 1; i <= rounds; i++)
                {
                    if (i == rounds - 1)
                        ending.TryAdd(self.Pid, 0);
                    foreach (Pid target in targets)
                        self.Send(target, ((long)sender << 32) | (uint)i);
                    await self.Yield();
                }
            });
        }

        Assert.That(await Task.Run(() => receiversDone.Wait(TimeSpan.FromSeconds(200))), $"all receivers finish; {firstFailure}");
        stop.Cancel();
        Assert.That(failures, Is.Zero, firstFailure);
        Assert.That(total, Is.EqualTo((long)receivers * senders * rounds));
    }

    [Test]
    public async Task Send_Local_AllocatesOneEnvelopeAndNothingElse()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        object boxed = "a message of the user";
        await ProcessAllocations.AssertEachAsync(
            system,
            40,
            async self =>
            {
                self.Send(self.Pid, 1L);
                await self.Receive<long>();
            }
        );
        await ProcessAllocations.AssertEachAsync(
            system,
            40,
            async self =>
            {
                self.Send(self.Pid, self.Pid);
                await self.Receive<Pid>();
            }
        );
        await ProcessAllocations.AssertEachAsync(
            system,
            40,
            async self =>
            {
                self.Send(self.Pid, boxed);
                await self.Receive();
            }
        );
    }

    [Test]
    public async Task PingPong_TwoProcesses_AllocatesTwoEnvelopesARoundTrip()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        Pid echo = system.Spawn(async self =>
        {
            while (true)
                self.Send(await self.Receive<Pid>(), 1L);
        });
        await ProcessAllocations.AssertEachAsync(
            system,
            80,
            async self =>
            {
                self.Send(echo, self.Pid);
                await self.Receive<long>();
            }
        );
    }

    [Test]
    public async Task ForeignAwait_BodyComesHome()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        TaskCompletionSource<List<string?>> done = Completion<List<string?>>();
        system.Spawn(async self =>
        {
            List<string?> threads = [];
            for (int i = 0; i < 20; i++)
            {
                await Task.Delay(1);
                threads.Add(Thread.CurrentThread.Name);
                int value = await Task.Run(() => 7);
                threads.Add(Thread.CurrentThread.Name);
                await Nested(self, threads);
            }

            done.SetResult(threads);
        });
        Assert.That(await done.Task.WaitAsync(TimeSpan.FromSeconds(20)), Has.All.StartsWith("scheduler"));

        static async ProcessTask Nested(Self self, List<string?> threads)
        {
            await Task.Yield();
            threads.Add(Thread.CurrentThread.Name);
            self.Send(self.Pid, 1L);
            await self.Receive<long>();
        }
    }

    [Test]
    public async Task HostThreads_ManyAtOnce_NothingLostOrReordered()
    {
        const int threads = 16;
        const int each = 20_000;
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        TaskCompletionSource<string> done = Completion<string>();
        Pid receiver = system.Spawn(async self =>
        {
            long[] last = new long[threads];
            for (long i = 0; i < (long)threads * each; i++)
            {
                long value = await self.Receive<long>();
                if ((uint)value != ++last[value >> 32])
                {
                    done.TrySetResult($"{(uint)value} after {last[value >> 32] - 1}");
                    return;
                }
            }

            done.TrySetResult("ok");
        });
        Thread[] hosts =
        [
            .. Enumerable
                .Range(0, threads)
                .Select(host => new Thread(() =>
                {
                    for (int i = 1; i <= each; i++)
                        system.Send(receiver, ((long)host << 32) | (uint)i);
                })),
        ];
        foreach (Thread host in hosts)
            host.Start();
        Assert.That(await done.Task.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo("ok"));
    }

    [Test]
    public async Task Stop_ProcessesGetShutdown_ThenKill()
    {
        ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        System.Collections.Concurrent.ConcurrentQueue<string> trace = new();
        using CountdownEvent started = new(3);
        system.Spawn(async self =>
        {
            try
            {
                started.Signal();
                await self.Receive();
            }
            catch (ProcessExitException exception)
            {
                trace.Enqueue($"plain {exception.Reason}");
                throw;
            }
        });
        system.Spawn(
            async self =>
            {
                started.Signal();
                trace.Enqueue($"trapper {(await self.Receive<Exit>()).Reason}");
            },
            new SpawnOptions { TrapExit = true }
        );
        system.Spawn(
            async self =>
            {
                self.Own(new OnDispose(() => trace.Enqueue("stubborn killed")));
                started.Signal();
                while (true)
                    await self.Receive();
            },
            new SpawnOptions { TrapExit = true }
        );
        started.Wait();
        await system.StopAsync(TimeSpan.FromMilliseconds(200));
        Assert.That(trace, Is.EquivalentTo(new[] { "plain shutdown", "trapper shutdown", "stubborn killed" }));
        Assert.That(trace.Last(), Is.EqualTo("stubborn killed"));
        Assert.That(system.ProcessCount, Is.Zero);
        Assert.That(() => system.Spawn(_ => default), Throws.InvalidOperationException);
    }

    [Test]
    public async Task IdleNode_UsesNoProcessorTime()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 2 });
        for (int i = 0; i < 10_000; i++)
            system.Spawn(async self => await self.Receive());
        Assert.That(() => system.Statistics.RunQueueLength, Is.Zero.After(5_000, 10));
        await Task.Delay(500); // the watchdog parks after a while
        long parks = system.Statistics.Parks;
        long slices = system.Statistics.Slices;
        await Task.Delay(1_000);
        Assert.That(system.Statistics.Parks, Is.EqualTo(parks), "nobody wakes to look");
        Assert.That(system.Statistics.Slices, Is.EqualTo(slices));
    }

    [Test]
    public async Task DeadProcesses_AreGarbage_WhoeverHoldsTheirPid()
    {
        await using ProcessSystem system = new(new ProcessSystemOptions { Schedulers = 1 });
        (Pid pid, WeakReference payload) = SpawnHolder(system);
        Assert.That(system.IsAlive(pid));
        system.Exit(pid, Atoms.Kill);
        Assert.That(() => system.ProcessCount, Is.Zero.After(5_000, 5));
        // A popped run-queue slot keeps its process until it is used again: turn the queue round once.
        for (int i = 0; i < 2 * RunQueue.Capacity; i++)
            system.Spawn(_ => default);
        Assert.That(() => system.ProcessCount, Is.Zero.After(5_000, 5));
        Assert.That(
            () =>
            {
                GC.Collect();
                return payload.IsAlive;
            },
            Is.False.After(5_000, 50)
        );
        GC.KeepAlive(pid);

        static (Pid, WeakReference) SpawnHolder(ProcessSystem system)
        {
            byte[] payload = new byte[1_000];
            Pid pid = system.Spawn(async self =>
            {
                await self.Receive();
                GC.KeepAlive(payload);
            });
            return (pid, new WeakReference(payload));
        }
    }

    private sealed class OnDispose(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
