using Sampan.Cli.Arguments;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Commands.Containers;

/// <summary>port.</summary>
internal static class PortCommand
{
    public static Command Command { get; } = new()
    {
        Name = "port",
        Summary = "List port mappings or a specific mapping for the container",
        Aliases = ["container port", "port"],
        Arguments = "CONTAINER [PRIVATE_PORT[/PROTO]]",
        MinWords = 1,
        MaxWords = 2,
        Options = [JsonFormat.Option],
        Completes = Candidates.RunningContainers,
        IsSequential = true,
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        var container = await call.Client.InspectContainerAsync(call.Words[0], cancellationToken: call.Cancelled).ConfigureAwait(false);
        var ports = container.NetworkSettings?.Ports ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        if (call.Words.Count == 1 && JsonFormat.Print(call, ports, DockerApiJson.Wire.PortMap)) return 0;
        if (call.Words.Count > 1)
        {
            string wanted = call.Words[1].Contains('/') ? call.Words[1] : call.Words[1] + "/tcp";
            if (!ports.TryGetValue(wanted, out var bindings) || bindings is not { Count: > 0 })
                throw new CommandException($"Error: No public port '{call.Words[1]}' published for {call.Words[0]}");
            if (JsonFormat.Print(call, bindings, DockerApiJson.Wire.PortBindingList)) return 0;
            foreach (var binding in bindings) call.Out.WriteLine(Address(binding));
            return 0;
        }
        foreach (var (port, bindings) in ports.OrderBy(p => int.TryParse(p.Key.Split('/')[0], out int n) ? n : 0).ThenBy(p => p.Key, StringComparer.Ordinal))
            foreach (var binding in bindings ?? []) call.Out.WriteLine($"{port} -> {Address(binding)}");
        return 0;
    }

    private static string Address(PortBinding binding) => binding.HostIp.Contains(':') ? $"[{binding.HostIp}]:{binding.HostPort}" : $"{binding.HostIp}:{binding.HostPort}";
}
