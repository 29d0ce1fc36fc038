namespace CloudScale.Tool;

/// <summary>Something that whoever typed the command can do something about: shown as a line, with exit code 1.</summary>
internal sealed class ToolException(string message) : Exception(message);
