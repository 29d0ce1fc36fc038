using CloudScale.Serialization.Generators.Models;

namespace CloudScale.Serialization.Generators.Emitting;

/// <summary>Writes the initializer that tells the registry of the contracts of an assembly.</summary>
internal static class RegistryEmitter
{
    public const string HintName = "CloudScale.ContractRegistration";

    /// <summary>What the registry says of a contract; null for one that has no tag, or that other code cannot name.</summary>
    public static RegistryEntry? EntryOf(ContractModel model)
    {
        if (!model.Type.IsReachable || model.Tag is null || model.Shape == ContractShape.Map)
            return null;
        int arity = model.Shape switch
        {
            ContractShape.Atom => 0,
            ContractShape.Struct => -1,
            _ => model.Members.Count + 1,
        };
        return new RegistryEntry(model.Type.FullName, model.Tag, arity);
    }

    public static string Emit(EquatableArray<RegistryEntry> entries)
    {
        CodeWriter code = CodeWriter.Begin("CloudScale.Serialization.Contracts.Generated");
        code.Line("/// <summary>The contracts of this assembly, by tag and arity.</summary>");
        code.Open("file static class ContractRegistration");
        code.Line("[global::System.Runtime.CompilerServices.ModuleInitializer]");
        code.Open("internal static void Register()");
        foreach (RegistryEntry entry in entries)
            code.Line($"ContractRegistry.Add<{entry.FullName}>({ContractEmitter.Quote(entry.Tag)}, {entry.Arity});");
        code.Close();
        code.Close();
        return code.ToString();
    }
}
