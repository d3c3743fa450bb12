using Sampan.Cli;

return await CommandLine.RunAsync(Environment.GetCommandLineArgs()[0], args).ConfigureAwait(false);
