using Sampan.Engine;
using Sampan.Server;
using Sampan.Storage;
using Sampand;
using Sampand.Configuration;
using Sampand.Gateway;
using Sampand.Registry;

CommandLine line;
DaemonOptions options;
string? configFile;
try
{
    if (args is ["registry", .. var rest])
        return await RegistryCommand.RunAsync(rest);
    if (args is ["gateway", .. var words])
        return await GatewayCommand.RunAsync(words);

    line = CommandLine.Parse(args);
    if (line.Help)
    {
        Console.Out.Write(OptionTable.Help());
        return 0;
    }

    if (line.Version)
    {
        Console.Out.WriteLine($"sampand version {EngineVersion.Own}");
        return 0;
    }

    configFile = line.ConfigFile ?? (File.Exists(DaemonOptions.DefaultConfigFile) ? DaemonOptions.DefaultConfigFile : null);
    options = DaemonOptions.From(configFile is null ? line.Settings : line.Settings.Join(ConfigurationFile.Read(configFile)));
    if (line.Validate)
    {
        Console.Out.WriteLine("configuration OK");
        return 0;
    }

    return await Daemon.RunAsync(options, () => DaemonOptions.From(configFile is null ? line.Settings : line.Settings.Join(ConfigurationFile.Read(configFile))));
}
catch (Exception wrong) when (wrong is ConfigurationException or EngineException or InvalidDataException || DiskRefusal.Is(wrong))
{
    // What a person can mend: a wrong option, a root in use, a subnet taken, a certificate that does not fit its key, a full disk. Anything else is a mistake of ours and shows its stack.
    Console.Error.WriteLine($"sampand: {wrong.Message}");
    return 1;
}
