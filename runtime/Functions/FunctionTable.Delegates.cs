namespace CloudScale;

/// <content>Functions that need no process: plain delegates. Arguments are converted as <see cref="FunctionArguments.Take{T}"/> does.</content>
public sealed partial class FunctionTable
{
    /// <summary>Exports a function without arguments.</summary>
    public void Export<TResult>(Atom module, Atom function, Func<TResult> body)
        where TResult : notnull
    {
        ArgumentNullException.ThrowIfNull(body);
        Export(module, function, 0, (_, _) => new ProcessTask<object>(body()));
    }

    /// <summary>Exports a function of one argument.</summary>
    public void Export<T, TResult>(Atom module, Atom function, Func<T, TResult> body)
        where TResult : notnull
    {
        ArgumentNullException.ThrowIfNull(body);
        Export(module, function, 1, (_, arguments) => new ProcessTask<object>(body(FunctionArguments.Take<T>(arguments, 0))));
    }

    /// <summary>Exports a function of two arguments.</summary>
    public void Export<T1, T2, TResult>(Atom module, Atom function, Func<T1, T2, TResult> body)
        where TResult : notnull
    {
        ArgumentNullException.ThrowIfNull(body);
        Export(
            module,
            function,
            2,
            (_, arguments) =>
                new ProcessTask<object>(body(FunctionArguments.Take<T1>(arguments, 0), FunctionArguments.Take<T2>(arguments, 1)))
        );
    }

    /// <summary>Exports a function of three arguments.</summary>
    public void Export<T1, T2, T3, TResult>(Atom module, Atom function, Func<T1, T2, T3, TResult> body)
        where TResult : notnull
    {
        ArgumentNullException.ThrowIfNull(body);
        Export(
            module,
            function,
            3,
            (_, arguments) =>
                new ProcessTask<object>(
                    body(
                        FunctionArguments.Take<T1>(arguments, 0),
                        FunctionArguments.Take<T2>(arguments, 1),
                        FunctionArguments.Take<T3>(arguments, 2)
                    )
                )
        );
    }
}
