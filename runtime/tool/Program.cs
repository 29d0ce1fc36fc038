using System.CommandLine;
using CloudScale.Tool.Contracts;

RootCommand root = new("Tools for CloudScale and Erlang nodes.") { ContractsCommand.Create() };
return root.Parse(args).Invoke();
