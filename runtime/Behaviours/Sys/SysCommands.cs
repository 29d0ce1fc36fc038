namespace CloudScale.Runtime.Behaviours;

/// <summary>The debug commands of <c>sys</c>, and the functions that come in its messages.</summary>
internal static class SysCommands
{
    internal const int DefaultLogSize = 10; // as OTP

    private static readonly Atom s_unknownDebug = Atom.Of("unknown_debug");
    private static readonly Atom s_noStatistics = Atom.Of("no_statistics");
    private static readonly Atom s_openFile = Atom.Of("open_file");

    /// <summary>Carries a command out, and gives its answer.</summary>
    /// <remarks>Events are not logged to a file, as whoever can send a message would then write files here: the answer is that the file cannot be opened.</remarks>
    internal static object Debug(Behaviour process, object command)
    {
        SysWatch watch = process.Watched;
        object answer = Atoms.Ok;
        switch (command)
        {
            case Atom { Name: "no_debug" }:
                watch.Clear();
                break;
            case Tuple and [Atom { Name: "trace" }, var on] when IsBool(on):
                watch.IsTracing = IsTrue(on);
                break;
            case Tuple and [Atom { Name: "log" }, var on] when IsBool(on):
                watch.KeepLog(IsTrue(on) ? Math.Max(watch.LogSize, DefaultLogSize) : 0);
                break;
            case Tuple and [Atom { Name: "log" }, Tuple and [Atom { Name: "true" }, long size and > 0 and <= 1_000_000]]:
                watch.KeepLog((int)size);
                break;
            case Tuple and [Atom { Name: "log" }, Atom { Name: "get" }]:
                answer = Tuple.Of(Atoms.Ok, watch.Log);
                break;
            case Tuple and [Atom { Name: "log" }, Atom { Name: "print" }]:
                process.PrintLog();
                break;
            case Tuple and [Atom { Name: "statistics" }, Atom { Name: "get" }]:
                answer = Tuple.Of(Atoms.Ok, watch.Statistics(process.Clock) ?? s_noStatistics);
                break;
            case Tuple and [Atom { Name: "statistics" }, var on] when IsBool(on):
                watch.Count(IsTrue(on), process.Clock);
                break;
            case Tuple and [Atom { Name: "log_to_file" }, var file]:
                answer = IsBool(file) && !IsTrue(file) ? Atoms.Ok : Tuple.Of(Atoms.Error, s_openFile);
                break;
            case Tuple and [Atom { Name: "install" }, Tuple and [Func<object, object, object, object?> hook, var state]]:
                watch.Install(hook, hook, state);
                break;
            case Tuple and [Atom { Name: "install" }, Tuple and [var id, Func<object, object, object, object?> hook, var state]]:
                watch.Install(id, hook, state);
                break;
            case Tuple and [Atom { Name: "remove" }, var id]:
                watch.Remove(id);
                break;
            default:
                return s_unknownDebug;
        }

        process.DebugChanged();
        return answer;
    }

    /// <summary>Applies a function that came in a message: a delegate from this node, or one that the node exports.</summary>
    internal static ProcessTask<object> Apply(Self self, object function, object argument)
    {
        switch (function)
        {
            case Func<object, object> here:
                return new(here(argument));
            case ExternalFun external:
                return ExternalFunctions.Call(self, external, argument);
            default:
                throw ExternalFunctions.BadFunction(function);
        }
    }

    private static bool IsBool(object term) => term is bool || ReferenceEquals(term, Atoms.True) || ReferenceEquals(term, Atoms.False);

    private static bool IsTrue(object term) => term is true || ReferenceEquals(term, Atoms.True);
}
