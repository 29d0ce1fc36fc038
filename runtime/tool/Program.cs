using CloudScale.Tool;

return await ToolProgram.RunAsync(args, ToolConsole.Terminal());
