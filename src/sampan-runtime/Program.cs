// Nothing is composed here: each command makes what it needs.
return Sampan.Runtime.Commands.CommandLine.Run(args);
