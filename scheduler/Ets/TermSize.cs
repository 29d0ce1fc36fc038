namespace CloudScale.Scheduling;

/// <summary>About how many bytes of heap a term takes.</summary>
internal static class TermSize
{
    private const int MaxTerms = 1_000; // of one object; what lies beyond is not counted

    internal static long Estimate(object term)
    {
        Stack<object> open = new();
        open.Push(term);
        long bytes = 0;
        for (int seen = 0; seen < MaxTerms && open.TryPop(out object? next); seen++)
        {
            switch (next)
            {
                case Tuple tuple:
                    bytes += 48 + (8L * tuple.Count);
                    foreach (object element in tuple)
                        open.Push(element);
                    break;
                case List list:
                    bytes += 72 + (8L * list.Count);
                    for (int i = 0; i < Math.Min(list.Count, MaxTerms); i++)
                        open.Push(list[i]);
                    break;
                case Map map:
                    bytes += 48 + (32L * map.Count);
                    foreach (KeyValuePair<object, object> entry in map)
                    {
                        open.Push(entry.Key);
                        open.Push(entry.Value);
                    }

                    break;
                case Binary binary:
                    bytes += 48 + binary.Span.Length;
                    break;
                case Atom:
                    break;
                default:
                    bytes += 24;
                    break;
            }
        }

        return bytes;
    }
}
