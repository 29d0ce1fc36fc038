namespace CloudScale.Serialization.Generators.Models;

/// <summary>A class whose methods are functions of Erlang.</summary>
/// <param name="Type">The class.</param>
/// <param name="IsStatic">Whether it has no objects: then it cannot implement the interface.</param>
/// <param name="Module">The module.</param>
/// <param name="Functions">The functions, in the order of the source.</param>
internal sealed record ModuleModel(TypeIdentity Type, bool IsStatic, string Module, EquatableArray<FunctionModel> Functions);

/// <summary>A method that is a function of Erlang.</summary>
/// <param name="Function">The function.</param>
/// <param name="Call">What is called: the method's name.</param>
/// <param name="TakesSelf">Whether the process is its first argument.</param>
/// <param name="Arguments">How each argument is taken.</param>
/// <param name="Result">What it gives back.</param>
internal sealed record FunctionModel(
    string Function,
    string Call,
    bool TakesSelf,
    EquatableArray<ArgumentModel> Arguments,
    ResultForm Result
);

/// <summary>A parameter.</summary>
/// <param name="TypeName">Its type.</param>
/// <param name="IsContract">Whether the type is a contract.</param>
internal sealed record ArgumentModel(string TypeName, bool IsContract);

/// <summary>What a method gives back.</summary>
internal enum ResultForm
{
    /// <summary>Nothing: <c>ok</c>.</summary>
    Nothing,

    /// <summary>A value.</summary>
    Value,

    /// <summary>A task without a value: <c>ok</c>, when it is done.</summary>
    Task,

    /// <summary>A task with a value.</summary>
    TaskOfValue,
}
