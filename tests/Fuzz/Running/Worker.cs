using System.Diagnostics;

namespace CloudScale.Fuzz.Running;

/// <summary>A thread that makes inputs and checks them, until it is told to stop or something does not hold.</summary>
/// <remarks>Threads: <see cref="Start"/> and all that follows – the one that watches; the rest is the worker's own.</remarks>
internal sealed class Worker
{
    private const int Patience = 15; // by the clock, times what is allowed of processor time

    private readonly Thread _thread;
    private readonly Target[] _targets;
    private readonly ulong _seed;
    private readonly int _number;
    private readonly Draft _draft = new();
    private Target _current;
    private long _index;
    private long _startedAt;
    private long _seen; // by the one that watches: the start of what it saw last
    private TimeSpan _usedThen;
    private volatile bool _stop;
    private volatile Finding? _finding;

    public Worker(ulong seed, int number, IEnumerable<Target> targets)
    {
        _seed = seed;
        _number = number;
        _targets = [.. targets];
        _current = _targets[0];
        _thread = new Thread(Run) { IsBackground = true, Name = $"fuzz {number}" };
    }

    /// <summary>Which of the threads it is, as a finding names it.</summary>
    public int Number => _number;

    /// <summary>How many inputs it has checked.</summary>
    public long Count => Volatile.Read(ref _index);

    /// <summary>What it has found; it ends with the first.</summary>
    public Finding? Finding => _finding;

    public IEnumerable<Target> Targets => _targets;

    public void Start() => _thread.Start();

    public void Stop() => _stop = true;

    public bool TryJoin(TimeSpan patience) => _thread.Join(patience);

    /// <summary>The input that it has been at for longer than allowed, if it has. To be asked again and again.</summary>
    /// <param name="allowed">Of processor time: a machine that others share, or that stands still, makes no input long. One that takes none, because it waits for what never comes, is given up after many times as long by the clock.</param>
    /// <param name="processorTime">What this worker may have used since it began.</param>
    public Finding? Hanging(TimeSpan allowed, TimeSpan processorTime)
    {
        long startedAt = Volatile.Read(ref _startedAt);
        if (startedAt == 0 || startedAt != _seen)
        {
            (_seen, _usedThen) = (startedAt, processorTime);
            return null;
        }

        if (processorTime - _usedThen < allowed && Stopwatch.GetElapsedTime(startedAt) < allowed * Patience)
            return null;
        // The worker is busy with these bytes; should it come to its end just now, they are torn, and the report is wrong, no more.
        return Found($"it takes longer than {allowed}", _draft.Bytes) with { IsHanging = true };
    }

    private void Run()
    {
        Rng rng = new(_seed ^ ((ulong)_number << 48));
        while (!_stop)
        {
            _current = _targets[_targets.Length == 1 ? 0 : rng.Next(_targets.Length)];
            try
            {
                _current.Generate(_draft, rng);
                Volatile.Write(ref _startedAt, Stopwatch.GetTimestamp());
                _current.Check(_draft.Bytes, rng);
                Volatile.Write(ref _startedAt, 0);
            }
            catch (Exception e)
            {
                Volatile.Write(ref _startedAt, 0);
                _finding = Found(e is BrokenPromiseException ? e.Message : e.ToString(), _draft.Bytes);
                return;
            }

            Volatile.Write(ref _index, _index + 1);
        }
    }

    private Finding Found(string what, ReadOnlySpan<byte> input) => new(_current.Name, what, _seed, _number, _index, input.ToArray());
}
