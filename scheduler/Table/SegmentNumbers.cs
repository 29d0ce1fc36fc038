namespace CloudScale.Scheduling;

/// <summary>What a segment of the process table is to whoever wants a number.</summary>
internal enum SegmentState
{
    /// <summary>Numbers are taken from it.</summary>
    Current,

    /// <summary>It had no number left when the next became current.</summary>
    Taken,

    /// <summary>It was taken, and has been given numbers since.</summary>
    Open,

    /// <summary>All its numbers came back: it holds no memory.</summary>
    Empty,
}

/// <summary>The free numbers of one segment of the process table, first freed first, then those never used.</summary>
/// <remarks>When all have come back, one serial says what all slots may bear next; so an empty segment is this object and nothing more. Threads: under the table's lock.</remarks>
internal sealed class SegmentNumbers
{
    private readonly int _first; // slot
    private readonly int _end;
    private int _fresh; // the first slot not given out since the segment was empty
    private ulong _freshSerial; // in its place in a number
    private ulong _latestSerial;
    private ulong[] _freed = []; // a ring of a power of two
    private int _head;
    private int _freedCount;

    internal SegmentNumbers(int index, int end)
    {
        Index = index;
        _first = Math.Max(index << ProcessTable.SegmentBits, 1); // slot 0 is never given out: number 0 names no process
        _end = end;
        _fresh = _first;
    }

    internal int Index { get; }

    internal SegmentState State { get; set; }

    /// <summary>Whether no number of it is with anybody.</summary>
    internal bool IsWhole => _freedCount == _fresh - _first;

    internal bool TryTake(out ulong number)
    {
        if (_freedCount > 0)
        {
            number = _freed[_head];
            _head = (_head + 1) & (_freed.Length - 1);
            _freedCount--;
            return true;
        }

        number = _freshSerial | (uint)_fresh;
        if (_fresh == _end)
            return false;
        _fresh++;
        return true;
    }

    internal void Give(ulong number)
    {
        if (_freedCount == _freed.Length)
            Grow();
        _freed[(_head + _freedCount) & (_freed.Length - 1)] = number;
        _freedCount++;
        _latestSerial = Math.Max(_latestSerial, number >> ProcessTable.SlotBits);
    }

    /// <summary>Whole: drops the list. All slots go on with the latest serial that any may bear.</summary>
    internal void Forget()
    {
        _freshSerial = _latestSerial << ProcessTable.SlotBits;
        _freed = [];
        _head = 0;
        _freedCount = 0;
        _fresh = _first;
    }

    private void Grow()
    {
        var larger = new ulong[Math.Max(_freed.Length * 2, ProcessTable.Batch)];
        for (int i = 0; i < _freedCount; i++)
            larger[i] = _freed[(_head + i) & (_freed.Length - 1)];
        _freed = larger;
        _head = 0;
    }
}
