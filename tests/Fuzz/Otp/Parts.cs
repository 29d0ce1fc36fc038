namespace CloudScale.Fuzz.Otp;

/// <summary>A term and all that lies in it.</summary>
internal static class Parts
{
    /// <summary>Whether there is such a part, which is told whether it lies in a key of a map.</summary>
    public static bool Any(object whole, Func<object, bool, bool> isSuch)
    {
        Stack<(object Term, bool IsKey)> parts = new([(whole, false)]);
        while (parts.TryPop(out (object Term, bool IsKey) part))
        {
            if (isSuch(part.Term, part.IsKey))
                return true;
            switch (part.Term)
            {
                case Map map:
                    foreach ((object key, object value) in map)
                    {
                        parts.Push((key, true));
                        parts.Push((value, part.IsKey));
                    }

                    break;
                case Tuple tuple:
                    foreach (object element in tuple)
                        parts.Push((element, part.IsKey));
                    break;
                case List list:
                    foreach (object element in list)
                        parts.Push((element, part.IsKey));
                    if (!list.IsProper)
                        parts.Push((list.Tail, part.IsKey));
                    break;
                case Fun fun:
                    foreach (object free in fun.FreeVariables)
                        parts.Push((free, false));
                    break;
                case NativeRecord record:
                    foreach (object value in record.Values)
                        parts.Push((value, part.IsKey));
                    break;
            }
        }

        return false;
    }
}
