using CloudScale.Scheduling;
using static CloudScale.Scheduler.Tests.Ets.EtsSystem;

namespace CloudScale.Scheduler.Tests.Ets;

/// <summary>Calls our tables as Erlang would, with terms in and a term out.</summary>
internal static class EtsCall
{
    private static readonly Atom s_end = A("$end_of_table");

    internal static object Answer(EtsTable table, Atom function, List arguments)
    {
        try
        {
            return Call(table, function.Name, arguments);
        }
        catch (EtsException exception)
        {
            return T(Atoms.Error, exception.Reason);
        }
    }

    /// <summary>Whether two answers are the same: without regard to order where the table has none (OTP 25 turns the objects of one key round that insert_new is given as a list).</summary>
    internal static bool AreSame(object ours, object theirs, EtsType type, Atom function)
    {
        if (Term.AreEqual(ours, theirs))
            return true;
        bool ordered = type == EtsType.OrderedSet || function.Name is "update_counter";
        return !ordered && ours is List left && theirs is List right && left.Count == right.Count && Sorted(left).Equals(Sorted(right));
    }

    private static List Sorted(List list) => L([.. list.Order(Comparer<object>.Create(CompareExactly))]);

    private static int CompareExactly(object left, object right)
    {
        int sign = Term.Compare(left, right);
        return sign != 0 ? sign : string.CompareOrdinal(Term.Format(left), Term.Format(right));
    }

    private static object Call(EtsTable table, string function, List a)
    {
        switch (function)
        {
            case "insert":
                if (a[0] is Tuple row)
                    table.Insert(row);
                else
                    table.Insert(((List)a[0]).Cast<Tuple>());
                return Atoms.True;
            case "insert_new":
                return a[0] is Tuple fresh ? table.InsertNew(fresh) : table.InsertNew(((List)a[0]).Cast<Tuple>());
            case "lookup":
                return L([.. table.Lookup(a[0])]);
            case "lookup_element":
                return table.LookupElement(a[0], (int)(long)a[1]);
            case "member":
                return table.Member(a[0]);
            case "take":
                return L([.. table.Take(a[0])]);
            case "delete":
                table.Delete(a[0]);
                return Atoms.True;
            case "delete_object":
                table.DeleteObject((Tuple)a[0]);
                return Atoms.True;
            case "update_counter":
                return table.UpdateCounter(a[0], a[1], a.Count == 3 ? (Tuple)a[2] : null);
            case "update_element":
                Tuple element = (Tuple)a[1];
                return table.UpdateElement(a[0], (int)(long)element[0], element[1]);
            case "next":
                return table.Next(a[0]) ?? s_end;
            case "prev":
                return table.Prev(a[0]) ?? s_end;
            case "match":
                return L([.. table.Match(a[0])]);
            case "match_object":
                return L([.. table.MatchObject(a[0])]);
            case "match_delete":
                table.MatchDelete(a[0]);
                return Atoms.True;
            case "select":
                return L([.. table.Select((List)a[0])]);
            case "select_reverse":
                return L([.. table.SelectReverse((List)a[0])]);
            case "select_count":
                return table.SelectCount((List)a[0]);
            case "select_delete":
                return table.SelectDelete((List)a[0]);
            case "select_replace":
                return table.SelectReplace((List)a[0]);
            case "paged":
                return Pages(table, table.Select((List)a[0], (int)(long)a[1]), (int)(long)a[1]);
            case "paged_reverse":
                return Pages(table, table.SelectReverse((List)a[0], (int)(long)a[1]), (int)(long)a[1]);
            case "tab2list":
                return L([.. table.ToList()]);
            default:
                throw new ArgumentException($"no call for {function}");
        }
    }

    private static List Pages(EtsTable table, EtsPage<object>? page, int limit)
    {
        List<object> all = [];
        for (; page is not null; page = table.Continue(page.Continuation))
        {
            Assert.That(page.Items, Has.Count.LessThanOrEqualTo(limit));
            all.AddRange(page.Items);
        }

        return L([.. all]);
    }
}
