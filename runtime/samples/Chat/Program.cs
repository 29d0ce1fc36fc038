using CloudScale.Samples.Chat;

// A chat: open http://127.0.0.1:5080 in two windows. An Erlang node joins by joining the process group 'chat' (see the page beside).
//   dotnet run --project runtime/samples/Chat -- --urls http://127.0.0.1:5080 --CloudScale:Name=chat@127.0.0.1 --CloudScale:Cookie=secret
await ChatProgram.Create(args).RunAsync();
