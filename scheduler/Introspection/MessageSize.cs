namespace CloudScale.Scheduling;

/// <summary>Estimates what a message holds.</summary>
internal static class MessageSize
{
    private const int ObjectBytes = 24;

    /// <summary>The bytes of a term, stopping as soon as they reach the limit; shared parts count each time. What is no term counts as one object.</summary>
    internal static long Estimate(object payload, long limit)
    {
        if (payload is string or byte[] or Binary or BitString)
            return Flat(payload);
        if (payload is EncodedMessage encoded)
            return encoded.Length;
        if (payload is not (Tuple or List or Map))
            return ObjectBytes;

        Stack<object> open = new([payload]);
        long bytes = 0;
        while (bytes < limit && open.TryPop(out object? term))
        {
            bytes += Flat(term);
            switch (term)
            {
                case Tuple tuple:
                    for (int i = 0; i < tuple.Count; i++)
                        open.Push(tuple[i]);
                    break;
                case List list:
                    foreach (object element in list)
                    {
                        open.Push(element);
                        if (open.Count * ObjectBytes > limit)
                            return open.Count * ObjectBytes;
                    }

                    break;
                case Map map:
                    foreach (KeyValuePair<object, object> entry in map)
                    {
                        open.Push(entry.Key);
                        open.Push(entry.Value);
                    }

                    break;
            }
        }

        return bytes;
    }

    private static long Flat(object term) =>
        term switch
        {
            string text => ObjectBytes + (2L * text.Length),
            byte[] bytes => ObjectBytes + bytes.LongLength,
            Binary binary => ObjectBytes + binary.Length,
            Atom => 0,
            _ => ObjectBytes,
        };
}
