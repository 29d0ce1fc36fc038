using CloudScale.Runtime.Supervision;

namespace CloudScale.Supervision.Tests;

/// <summary>The decisions alone, without processes and without a clock, against a world that does what it is told and remembers.</summary>
public sealed class CoreTests
{
    private const int Events = 400;

    [TestCase(RestartStrategy.OneForOne)]
    [TestCase(RestartStrategy.OneForAll)]
    [TestCase(RestartStrategy.RestForOne)]
    [TestCase(RestartStrategy.SimpleOneForOne)]
    public void Random_Events_WhatRunsIsWhatTheCoreThinks_AndNothingStartsTwice(RestartStrategy strategy)
    {
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        for (int round = 0; round < 50; round++)
            new World(seed + round, strategy).Run();
    }

    [Test]
    public void Window_CountsWhatLiesWithinThePeriod()
    {
        SupervisorFlags flags = new() { Intensity = 2, Period = TimeSpan.FromSeconds(5) };
        RestartWindow window = new();
        bool[] borne = [.. new long[] { 0, 1_000, 5_000, 6_001, 7_000, 12_001, 12_002 }.Select(now => window.TryAdd(now, flags))];
        Assert.That(borne, Is.EqualTo(new[] { true, true, false, true, false, true, true }));
    }

    private sealed class World
    {
        private static readonly NodeIdentity s_node = new(Atom.Of("world@nowhere"), 1);
        private readonly Random _random;
        private readonly string _what;
        private readonly SupervisorCore _core;
        private readonly Dictionary<Pid, Child> _running = [];
        private readonly Queue<(Child Child, int Turn)> _retries = new();
        private ulong _pids;

        internal World(int seed, RestartStrategy strategy)
        {
            _what = $"seed {seed}";
            _random = new Random(seed);
            SupervisorFlags flags = new() { Strategy = strategy, Intensity = 5 };
            _core = new SupervisorCore(flags, _ => 0);
            bool isDynamic = strategy == RestartStrategy.SimpleOneForOne;
            ChildSpec[] specs = [.. Enumerable.Range(0, isDynamic ? 1 : 4).Select(id => Spec(id))];
            Take(_core.OnInit(specs), mayFail: false);
        }

        private ChildSpec Spec(long id) =>
            ChildSpec.OfBody(id, _ => default) with
            {
                Restart = (ChildRestart)_random.Next(3),
                BackOff = _random.Next(3) == 0 ? new BackOff() : null,
            };

        internal void Run()
        {
            for (int i = 0; i < Events && !_core.IsShuttingDown; i++)
            {
                _core.NowMs += _random.Next(3_000);
                Take(Next(), mayFail: true);
                Check();
            }

            Pid[] order = [.. _core.Children.All().Where(child => child.IsRunning).Select(child => child.Pid).Reverse()];
            List<Pid> stopped = [];
            Take(_core.StopAll(), mayFail: false, stopped);
            Assert.That(_running, Is.Empty, _what);
            if (!_core.IsDynamic)
                Assert.That(stopped, Is.EqualTo(order), _what);
        }

        private IEnumerable<Step> Next()
        {
            if (_retries.TryDequeue(out (Child Child, int Turn) retry) && _random.Next(2) == 0)
                return _core.OnRetry(retry.Child, retry.Turn);
            if (retry.Child is not null)
                _retries.Enqueue(retry);
            object id = _core.IsDynamic && _running.Count > 0 ? AnyRunning() : (long)_random.Next(6);
            switch (_random.Next(6))
            {
                case 0 when _running.Count > 0:
                case 1 when _running.Count > 0:
                    Pid pid = AnyRunning();
                    _running.Remove(pid);
                    return _core.OnExit(pid, _random.Next(2) == 0 ? Atoms.Normal : (Atom)"crash");
                case 2:
                    return _core.OnRequest(Tuple.Of((Atom)"start_child", _core.IsDynamic ? List.Empty : Spec(_random.Next(6))));
                case 3:
                    return _core.OnRequest(Tuple.Of((Atom)"terminate_child", id));
                case 4:
                    return _core.OnRequest(Tuple.Of((Atom)"restart_child", id));
                default:
                    return _core.OnRequest(Tuple.Of((Atom)"delete_child", id));
            }
        }

        private Pid AnyRunning() => _running.Keys.ElementAt(_random.Next(_running.Count));

        private void Take(IEnumerable<Step> steps, bool mayFail, List<Pid>? stopped = null)
        {
            foreach (Step step in steps)
            {
                switch (step.Kind)
                {
                    case StepKind.Start:
                        Assert.That(_running.ContainsValue(step.Child), Is.False, $"{_what}: started twice");
                        _core.Started = Start(step.Child, mayFail);
                        break;
                    case StepKind.Stop:
                        Assert.That(_running.Remove(step.Child.Pid), $"{_what}: stopped what does not run");
                        stopped?.Add(step.Child.Pid);
                        _core.StopReason = Atoms.Shutdown;
                        break;
                    case StepKind.StopTogether:
                        _core.StopReasons = [.. _running.Values.Select(child => (child, (object)Atoms.Shutdown))];
                        _running.Clear();
                        break;
                    case StepKind.Retry:
                        _retries.Enqueue((step.Child, step.Child.Turn));
                        break;
                }
            }
        }

        private StartResult Start(Child child, bool mayFail)
        {
            int chance = mayFail ? _random.Next(8) : 7;
            if (chance == 0)
                return StartResult.Failed((Atom)"why");
            if (chance == 1)
                return StartResult.Ignore;
            Pid pid = new(s_node, ++_pids);
            _running.Add(pid, child);
            return StartResult.Ok(pid);
        }

        private void Check()
        {
            Child[] children = _core.Children.All();
            Assert.That(children.Where(child => child.IsRunning).Select(child => child.Pid), Is.EquivalentTo(_running.Keys), _what);
            Assert.That(children, Has.Length.EqualTo(_core.Children.Count), _what);
            Assert.That(
                children.Where(child => child.State == ChildState.Restarting),
                Is.SubsetOf(_retries.Select(retry => retry.Child)),
                _what
            );
            Assert.That(_core.Restarts.Count(), Is.LessThanOrEqualTo(_core.Flags.Intensity + 1), _what);
        }
    }
}
