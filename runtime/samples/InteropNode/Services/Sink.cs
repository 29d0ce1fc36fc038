namespace CloudScale.Samples.InteropNode.Services;

/// <summary><c>sink</c>: counts what it is sent, by stream, and tells whether it came in order.</summary>
internal static class Sink
{
    internal static async ProcessTask Run(Self self)
    {
        Dictionary<object, Stream> streams = [];
        while (true)
        {
            switch (await self.Receive())
            {
                case Tuple and [Atom { Name: "seq" }, var id, long number]:
                    StreamOf(streams, id).Record(number, bytes: 0);
                    break;
                case Tuple and [Atom { Name: "blob" }, var id, long number, Binary blob]:
                    StreamOf(streams, id).Record(number, blob.Length);
                    break;
                case Tuple and [var from, var reference, Atom { Name: "report" }]:
                    Destination.TrySend(self, from, Tuple.Of(reference, ReportOf(streams)));
                    break;
                case Tuple and [var from, var reference, Atom { Name: "reset" }]:
                    streams.Clear();
                    Destination.TrySend(self, from, Tuple.Of(reference, Atoms.Ok));
                    break;
                case Tuple
                and [var from, var reference, Tuple and [Atom { Name: "pause" }, var ms]] when Milliseconds.TryFrom(ms, out TimeSpan pause):
                    Destination.TrySend(self, from, Tuple.Of(reference, Atoms.Ok));
                    await self.Sleep(pause);
                    break;
            }
        }
    }

    private static Stream StreamOf(Dictionary<object, Stream> streams, object id)
    {
        if (!streams.TryGetValue(id, out Stream? stream))
            streams.Add(id, stream = new Stream());
        return stream;
    }

    private static Map ReportOf(Dictionary<object, Stream> streams) =>
        Map.Create([.. streams.Select(entry => KeyValuePair.Create(entry.Key, (object)entry.Value.ToTerm()))]);

    private sealed class Stream
    {
        private long _count;
        private long _last;
        private long _outOfOrder;
        private long _bytes;

        internal void Record(long number, int bytes)
        {
            _count++;
            if (number != _last + 1)
                _outOfOrder++;
            _last = number;
            _bytes += bytes;
        }

        /// <summary><c>{Count, LastN, OutOfOrder, Bytes}</c>.</summary>
        internal Tuple ToTerm() => Tuple.Of(_count, _last, _outOfOrder, _bytes);
    }
}
