using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the method that exports the functions of a module.</summary>
internal static class ModuleEmitter
{
    public static string Emit(ModuleModel model)
    {
        CodeWriter code = CodeWriter.Begin(model.Type.Namespace);
        foreach (string outer in model.Type.Outer)
            code.Open(outer);
        code.Open(model.IsStatic ? model.Type.Header : $"{model.Type.Header} : global::CloudScale.IErlangModule");
        code.Line($"/// <summary>Exports the functions of module {model.Module.Replace("<", "&lt;").Replace("&", "&amp;")}.</summary>");
        code.Open($"public {(model.IsStatic ? "static " : "")}void ExportTo(global::CloudScale.FunctionTable functions)");
        code.Line("global::System.ArgumentNullException.ThrowIfNull(functions);");
        foreach (FunctionModel function in model.Functions)
            Export(code, model.Module, function);
        code.Close();
        code.CloseType(model.Type);
        return code.ToString();
    }

    private static void Export(CodeWriter code, string module, FunctionModel function)
    {
        bool isAsync = function.Result is ResultForm.Task or ResultForm.TaskOfValue;
        code.Line("functions.Export(");
        code.Inner($"{ContractEmitter.Quote(module)}, {ContractEmitter.Quote(function.Function)}, {function.Arguments.Count},");
        code.Inner($"{(isAsync ? "async " : "")}(self, arguments) =>");
        code.Open();
        var arguments = new List<string>();
        if (function.TakesSelf)
            arguments.Add("self");
        for (int i = 0; i < function.Arguments.Count; i++)
        {
            ArgumentModel argument = function.Arguments[i];
            string take = argument.IsContract ? "TakeContract" : "Take";
            arguments.Add($"global::CloudScale.FunctionArguments.{take}<{argument.TypeName}>(arguments, {i})");
        }

        string call = $"{function.Call}({string.Join(", ", arguments)})";
        const string Ok = "global::CloudScale.Atoms.Ok";
        switch (function.Result)
        {
            case ResultForm.Nothing:
                code.Line($"{call};");
                code.Line($"return new global::CloudScale.ProcessTask<object>({Ok});");
                break;
            case ResultForm.Value:
                code.Line($"return new global::CloudScale.ProcessTask<object>(global::CloudScale.FunctionArguments.ToResult({call}));");
                break;
            case ResultForm.Task:
                code.Line($"await {call};");
                code.Line($"return {Ok};");
                break;
            default:
                code.Line($"return global::CloudScale.FunctionArguments.ToResult(await {call});");
                break;
        }

        code.Close("});");
    }
}
