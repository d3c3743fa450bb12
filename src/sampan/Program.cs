using Sampan.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
