using System.Diagnostics;

namespace CloudScale.Scheduling;

/// <summary>What a scheduler does when it has nothing of its own: look elsewhere, wait a little, park.</summary>
internal sealed partial class Scheduler
{
#if EXPLORATION
    private const long SpinTicks = 0; // one look: time is not explored by waiting
#else
    private static readonly long SpinTicks = Stopwatch.Frequency / 50_000; // 20 µs: about what a wake-up from the kernel costs
#endif
    private const uint LooksBeforeYield = 16; // 64 measured alike; with one a message over rdma_rxe took a tenth longer, and by TCP as long
    private static readonly long s_maxInputSpinTicks = Stopwatch.Frequency / 5_000; // 200 µs, see Learn

    private const int FewSignals = 2; // our own nodes write more than that at a time
    private static readonly long s_followTicks = Stopwatch.Frequency / 40_000; // 25 µs: what one question and its answer take, while both sides have a processor each
    private static readonly long s_gatherTicks = Stopwatch.Frequency / 20_000; // 50 µs; 30 brought a little less, 100 no more

    private long _inputSpinTicks = SpinTicks;
    private long _gatherUntil; // 0: at once
    private long _followsUntil; // what the next look finds until then has come while the last find was dealt with; 0 after a look that found nothing

    private readonly Parker _parker = new();
    private long _parkedTicks;
    private long _parkedSince; // 0 while awake

    /// <summary>Own thread: what goes before all, the inject queue, the run queues of the others, and what can wait.</summary>
    private object? TakeElsewhere()
    {
        PriorityQueues levels = _group.PriorityQueues;
        if (levels.HasUrgent && levels.TakeUrgent() is { } urgent)
            return urgent;
        if (_group.InjectQueue.Take(Queue, _group.ActiveCount) is { } injected)
            return injected;

        Scheduler[] all = _group.All;
        int start = (int)(NextRandom() % (uint)all.Length);
        for (int i = 0; i < all.Length; i++)
        {
            Scheduler victim = all[(start + i) % all.Length];
            if (victim == this || victim.Queue.IsEmpty)
                continue;
            if (victim.Queue.StealInto(Queue) is { } stolen)
            {
                _steals++;
                return stolen;
            }
        }

        return levels.HasLow ? levels.TakeLow() : null;
    }

    /// <summary>Own thread: looks around for a moment. At most one scheduler searches for every two that work, or searching would cost more than it finds.</summary>
    private object? Search()
    {
        if (!_searching)
        {
            if (!_group.TryStartSearching())
                return null;
            _searching = true;
        }

        InputWatch input = _group.Input;
        long now = Stopwatch.GetTimestamp();
        long began = Math.Max(now, _gatherUntil);
        long spent;
        uint looks = 0;
        do
        {
            if (TakeElsewhere() is { } runnable)
                return runnable;
            if (TurnWheel(now) && NextOwn() is { } woken)
                return woken;
            if (now < _gatherUntil || !input.Any)
            {
                Thread.SpinWait(4);
            }
            else if (LookAtInput(input, now))
            {
                if (NextOwn() is { } told)
                    return told;
                began = Math.Max(Stopwatch.GetTimestamp(), _gatherUntil);
            }

            now = Stopwatch.GetTimestamp();
            spent = now - began;
            if (spent >= SpinTicks && spent < _inputSpinTicks && looks++ % LooksBeforeYield == 0)
                Thread.Yield(); // so long a search is a favour to ourselves, not at the cost of others
        } while ((spent < SpinTicks || (spent < _inputSpinTicks && input.Any)) && !_group.Stopping);

        return null;
    }

    /// <summary>Own thread: looks, and decides whether what comes next is to gather before it is taken. True if there was something.</summary>
    /// <remarks>
    /// A peer that says one thing after the other, as the BEAM does, pays for a reader that takes each of them at once: it finds its socket in use, and what the answers lead to reaches it one by one, too. So it is where
    /// two looks in a row, with no more between them than what the first has led to, find something, and little; later than an answer to what was said just now would come, it says nothing, for this thread may have been held up. What has gathered says nothing of this, so after it the next look is at once again.
    /// </remarks>
    private bool LookAtInput(InputWatch input, long now)
    {
        int found = input.Poll(now);
        bool isTrickle = found is > 0 and <= FewSignals && now < _followsUntil;
        _followsUntil = found > 0 && !isTrickle ? now + s_followTicks : 0;
        _gatherUntil = isTrickle ? now + s_gatherTicks : 0;
        return found > 0;
    }

    /// <summary>Own thread: found something. The last one that searched hands the search on, for where there is one there may be more.</summary>
    private void StopSearching()
    {
        _searching = false;
        if (_group.EndSearching())
            _group.WakeOneIfIdle();
    }

    /// <summary>Own thread: sleeps until woken or until a timer is due. Announce, fence, look again: whoever made something runnable before has been seen, whoever does after sees us.</summary>
    private void Park()
    {
        Debug.Assert(_lifo is null, "a scheduler that parks has nothing to run: nobody else would find it");
        bool wasSearching = _searching;
        _searching = false;
        _followsUntil = 0;
        _group.AnnounceIdle(this, wasSearching);
        Interleaving.Point();
#if EXPLORATION
        if (!Mutations.Is(Mutation.LostSchedulerWakeUp) && HasWorkAnywhere())
#else
        if (HasWorkAnywhere())
#endif
        {
            if (_group.WithdrawIdle(this))
                return;
            // Somebody has picked us to wake already: the wake-up is on its way, take it.
        }

        Interleaving.Point();
        _parker.ForgetNudges();
        long due = Wheel?.NextDue ?? long.MaxValue; // after that: whoever adds an earlier timer nudges
        if (!_parker.IsWoken && !_group.Stopping)
        {
            _parks++;
            long length = System.Clock.SleepNanoseconds(due);
            if (length > 0)
                Sleep(length);
        }

        if (_parker.TryTakeWakeUp())
            _searching = true; // the waker counted us as searching
        else if (!_group.WithdrawIdle(this))
            AwaitWakeUp();
        else if (_group.Input.Any)
            _searching = _group.TryStartSearching(); // whoever may have slept at the input must not leave it without an heir
        TurnWheel();
    }

    /// <summary>Timed out, but somebody is waking us at this very moment.</summary>
    private void AwaitWakeUp()
    {
        while (!_parker.TryTakeWakeUp())
        {
            _parker.ForgetNudges();
            if (_group.Stopping)
                break;
            _parker.Sleep(long.MaxValue);
        }

        _searching = true;
    }

    private void Sleep(long nanoseconds)
    {
        long began = Stopwatch.GetTimestamp();
        Volatile.Write(ref _parkedSince, began);
        InputWatch input = _group.Input;
        bool sleepsAtInput = !_group.IsSearching && input.TryEnter(); // who searches looks, and comes here later
        bool hasInput = false;
        if (sleepsAtInput)
        {
            hasInput = _parker.SleepAtInput(input, nanoseconds);
            input.Leave();
        }
        else
        {
            _parker.Sleep(nanoseconds);
        }

        Volatile.Write(ref _parkedSince, 0);
        long slept = Stopwatch.GetTimestamp() - began;
        Volatile.Write(ref _parkedTicks, _parkedTicks + slept);
        if (sleepsAtInput)
            Learn(hasInput, slept);
    }

    /// <summary>
    /// How long the next searches for input last. To fall asleep a moment before the answer comes costs two wake-ups of the kernel, one of them the other node's that will wait for ours: so after sleeps that
    /// were too short to be worth it searches last longer, and after long ones shorter.
    /// </summary>
    private void Learn(bool hasInput, long slept)
    {
        if (hasInput && slept < s_maxInputSpinTicks)
            _inputSpinTicks = Math.Min(Math.Max(2 * _inputSpinTicks, slept), s_maxInputSpinTicks);
        else if (slept > 4 * s_maxInputSpinTicks)
            _inputSpinTicks = Math.Max(_inputSpinTicks / 2, SpinTicks);
    }

    /// <summary>Any thread: how long it has slept, with the sleep it is in.</summary>
    private TimeSpan ParkedTime
    {
        get
        {
            long since = Volatile.Read(ref _parkedSince);
            long now = since == 0 ? 0 : Stopwatch.GetTimestamp() - since;
            return Stopwatch.GetElapsedTime(0, Volatile.Read(ref _parkedTicks) + now);
        }
    }

    private bool HasWorkAnywhere()
    {
        if (!_group.InjectQueue.IsEmpty || _group.PriorityQueues.Count > 0)
            return true;
        foreach (Scheduler scheduler in _group.All)
        {
            Interleaving.Point();
            if (!scheduler.Queue.IsEmpty)
                return true;
        }

        return false;
    }

    /// <summary>Any thread: ends the park. The group has taken this scheduler off its idle list, so it is called once a park.</summary>
    internal void WakeUp()
    {
        Interleaving.Point();
        _parker.WakeUp();
    }

    /// <summary>Any thread: makes a parked thread look at <see cref="SchedulerGroup.Stopping"/> and at its timers.</summary>
    internal void Nudge() => _parker.Nudge();
}
