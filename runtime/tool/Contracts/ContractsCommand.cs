using System.CommandLine;
using CloudScale.Tool.Contracts.Erlang;

namespace CloudScale.Tool.Contracts;

/// <summary><c>cloudscale contracts</c>: contracts from Erlang's declarations, and declarations from contracts.</summary>
internal static class ContractsCommand
{
    public static Command Create() =>
        new("contracts", "Contracts from Erlang's declarations, and declarations from contracts.") { Import(), Export() };

    private static Command Import()
    {
        Argument<FileInfo[]> files = new("file")
        {
            Description = "A .hrl, .erl or .beam file (with debug_info).",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string> space = new("--namespace") { Description = "Of the contracts.", DefaultValueFactory = _ => "Contracts" };
        Option<FileInfo?> output = new("--output", "-o") { Description = "The C# file; standard output by default." };
        Option<string[]> include = new("--include", "-I")
        {
            Description = "Where included files are looked for.",
            DefaultValueFactory = _ => [],
        };
        Option<DirectoryInfo?> library = new("--lib")
        {
            Description = "Where applications lie, for -include_lib: the lib folder of an Erlang installation.",
        };
        Command command = new("import", "Writes C# contracts for records, types and results of functions.")
        {
            files,
            space,
            output,
            include,
            library,
        };
        command.SetAction(result =>
            Run(
                result.GetValue(output),
                () =>
                {
                    Preprocessor preprocessor = new(result.GetValue(include)!, result.GetValue(library)?.FullName);
                    string text = Importer.Import(
                        [.. result.GetValue(files)!.Select(file => file.FullName)],
                        preprocessor,
                        result.GetValue(space)!
                    );
                    foreach (string missing in preprocessor.Missing)
                        Console.Error.WriteLine(
                            $"warning: {missing} was not found; name its folder with --include, or with --lib where it is an -include_lib"
                        );
                    return text;
                }
            )
        );
        return command;
    }

    private static Command Export()
    {
        Argument<FileInfo> assembly = new("assembly") { Description = "A compiled assembly that holds contracts." };
        Option<Dialect> dialect = new("--for") { Description = "Erlang (.hrl) or Elixir (.ex)." };
        Option<string> module = new("--module")
        {
            Description = "The Elixir module of the types that are no structs.",
            DefaultValueFactory = _ => "Contracts",
        };
        Option<FileInfo?> output = new("--output", "-o") { Description = "The file to write; standard output by default." };
        Command command = new("export", "Writes records and types for Erlang, or structs and types for Elixir.")
        {
            assembly,
            dialect,
            module,
            output,
        };
        command.SetAction(result =>
            Run(
                result.GetValue(output),
                () =>
                {
                    FileInfo file = result.GetValue(assembly)!;
                    return DeclarationFile.Write(
                        ContractReader.Read(file.FullName),
                        file.Name,
                        result.GetValue(dialect),
                        result.GetValue(module)!
                    );
                }
            )
        );
        return command;
    }

    /// <summary>Makes a text and puts it where it shall go; 1 with a message where something is wrong with what was given.</summary>
    private static int Run(FileInfo? output, Func<string> make)
    {
        try
        {
            string text = make();
            if (output is not null)
                File.WriteAllText(output.FullName, text);
            else
                Console.Out.Write(text);
            return 0;
        }
        catch (Exception e) when (e is SourceException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return 1;
        }
    }
}

/// <summary>From files to the text of contracts.</summary>
internal static class Importer
{
    public static string Import(IReadOnlyList<string> files, Preprocessor preprocessor, string space)
    {
        Declarations declarations = new();
        foreach (string file in files)
            declarations.Add(Path.GetExtension(file) == ".beam" ? BeamFile.Read(file) : SourceFile.Read(file, preprocessor));
        return ContractFile.Write(declarations, string.Join(", ", files.Select(Path.GetFileName)), space);
    }
}
