namespace CloudScale.Scheduling;

/// <summary>A scheduler's own stock of pid numbers, so that spawn and exit meet the table's lock once in a batch.</summary>
/// <remarks>Threads: the scheduler's own.</remarks>
internal sealed class NumberCache(ProcessTable table)
{
    private readonly ulong[] _stock = new ulong[ProcessTable.Batch];
    private readonly ulong[] _freed = new ulong[ProcessTable.Batch];
    private int _stockCount;
    private int _freedCount;

    internal ulong Take()
    {
        if (_stockCount == 0)
        {
            // Near the limit the last free numbers may lie in our own return box.
            Flush();
            _stockCount = table.Reserve(_stock);
            Array.Reverse(_stock, 0, _stockCount); // taken from the end: keeps first-freed order
        }

        return _stock[--_stockCount];
    }

    internal void Return(ulong number)
    {
        _freed[_freedCount++] = ProcessTable.Next(number);
        if (_freedCount == _freed.Length)
            Flush();
    }

    internal void Flush()
    {
        if (_freedCount == 0)
            return;
        table.Release(_freed.AsSpan(0, _freedCount));
        _freedCount = 0;
    }

    /// <summary>Gives everything back, when the scheduler retires.</summary>
    internal void Empty()
    {
        Flush();
        table.Release(_stock.AsSpan(0, _stockCount));
        _stockCount = 0;
    }
}
