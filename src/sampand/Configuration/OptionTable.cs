using System.Text;

namespace Sampand.Configuration;

/// <summary>Every setting there is, for the command line, the configuration file and the help alike.</summary>
internal static class OptionTable
{
    /// <summary>In the order of the help.</summary>
    internal static IReadOnlyList<Option> All { get; } =
    [
        new("hosts", "host", OptionKind.List, "URL", "where to listen: unix:///path or tcp://address:port (default unix:///run/sampan/sampan.sock)") { Letter = 'H' },
        new("data-root", "data-root", OptionKind.Text, "DIR", "where images, containers and volumes live (default /var/lib/sampan)"),
        new("exec-root", "exec-root", OptionKind.Text, "DIR", "where sockets and the state of running containers live (default /run/sampan)"),
        new("bridge", "bridge", OptionKind.Text, "NAME", "the bridge of the default network (default sampan0)") { Letter = 'b' },
        new("bip", "bip", OptionKind.Text, "CIDR", "the bridge's address and network (default 172.17.0.1/16)"),
        new("ipv6", "ipv6", OptionKind.Switch, "", "give containers on the default bridge IPv6 addresses, too"),
        new("fixed-cidr-v6", "fixed-cidr-v6", OptionKind.Text, "CIDR", "the default bridge's IPv6 network (default one of this machine's own, fd00::/8)"),
        new("mtu", "mtu", OptionKind.Number, "BYTES", "the MTU of the default network"),
        new("ip", "ip", OptionKind.Text, "ADDRESS", "the host address that published ports listen on by default (default 0.0.0.0)"),
        new("icc", "icc", OptionKind.Switch, "", "containers on the default bridge reach each other (default; =false: only the host and the outside, and links are refused)"),
        new("default-address-pools", "default-address-pool", OptionKind.Pools, "base=CIDR,size=BITS", "a range that subnets of new networks are cut from (default a built-in list)"),
        new("host-policy", "host-policy", OptionKind.Switch, "", "published ports are open to those alone whom the host's own input rules let in (ufw, firewalld, nftables)"),
        new("network-shortcut", "network-shortcut", OptionKind.Switch, "", "containers of one network talk past its bridge and the host's packet filter, where the kernel can (default; =false: by the bridge)"),
        new("network-pool-size", "network-pool-size", OptionKind.Number, "COUNT", "network namespaces made ahead of the containers that will need them (default 4; 0: none)"),
        new("dns", "dns", OptionKind.List, "ADDRESS", "a DNS server for containers that ask for none"),
        new("log-driver", "log-driver", OptionKind.Text, "NAME", "the logging driver of containers that ask for none: json-file (default), local, none, syslog, fluentd, gelf or journald"),
        new("log-opts", "log-opt", OptionKind.Map, "NAME=VALUE", "a log option for containers that give none, such as max-size=10m"),
        new("default-ulimits", "default-ulimit", OptionKind.Ulimits, "NAME=SOFT[:HARD]", "a limit for containers that give none, such as nofile=1024:4096"),
        new("cgroup-parent", "cgroup-parent", OptionKind.Text, "PATH|SLICE", "the parent of the control groups of containers that name none (default a group named after the bridge; with systemd system.slice)"),
        new("cpu-rt-runtime", "cpu-rt-runtime", OptionKind.Number, "MICROSECONDS", "time of each period that containers may give to real-time tasks, all together (cgroup v1)"),
        new("cpu-rt-period", "cpu-rt-period", OptionKind.Number, "MICROSECONDS", "that period (default a second)"),
        new("exec-opts", "exec-opt", OptionKind.List, "NAME=VALUE", "native.cgroupdriver=systemd has systemd make the control groups, as scopes in slices; cgroupfs is the default"),
        new("userns-remap", "userns-remap", OptionKind.Text, "USER[:GROUP]|default", "give containers the ids of this user's ranges in /etc/subuid and /etc/subgid: their root is nobody on the host; 'default' is the user dockremap"),
        new("no-new-privileges", "no-new-privileges", OptionKind.Switch, "", "programs of containers gain no privileges by set-uid bits or file capabilities, unless a container says no-new-privileges=false"),
        new("cdi-spec-dirs", "cdi-spec-dir", OptionKind.List, "DIR", "a directory of files that describe devices (CDI); later ones have precedence (default /etc/cdi and /var/run/cdi)"),
        new("runtimes", "add-runtime", OptionKind.Runtimes, "NAME=PATH", "an OCI runtime that containers may name (run --runtime); runc and crun are known where they are installed"),
        new("default-runtime", "default-runtime", OptionKind.Text, "NAME", "the runtime of containers that name none (default sampan-runtime)"),
        new("insecure-registries", "insecure-registry", OptionKind.List, "HOST|CIDR", "a registry that may be reached without TLS or with an unknown certificate; this machine's own always may"),
        new("registry-mirrors", "registry-mirror", OptionKind.List, "URL", "a mirror of Docker's own registry, asked first"),
        new("mirrors", "mirror", OptionKind.Lists, "SOURCE=URL", "a mirror of any registry: SOURCE is host[/path], *.domain or *; {host} in the URL's path is the registry"),
        new("max-concurrent-downloads", "max-concurrent-downloads", OptionKind.Number, "COUNT", "layers fetched at a time (default 3)"),
        new("max-concurrent-uploads", "max-concurrent-uploads", OptionKind.Number, "COUNT", "layers sent at a time (default 5)"),
        new("max-download-attempts", "max-download-attempts", OptionKind.Number, "COUNT", "tries for each layer; one that moved bytes does not count (default 5)"),
        new("registry-config", "registry-config", OptionKind.Text, "FILE", "serve a registry, too, with the settings of this file ('sampand registry --help')"),
        new("gateway-opts", "gateway-opt", OptionKind.List, "NAME[=VALUE]", "keep a gateway running, with this option of 'sampand gateway', such as listen=0.0.0.0:80; may be repeated"),
        new("labels", "label", OptionKind.List, "NAME=VALUE", "a label of this daemon"),
        new("group", "group", OptionKind.Text, "NAME", "the group that may use the Unix sockets (default docker or sampan, if there is one)") { Letter = 'G' },
        new("tls", "tls", OptionKind.Switch, "", "serve TLS on TCP addresses; implied by --tlsverify"),
        new("tlsverify", "tlsverify", OptionKind.Switch, "", "serve TLS on TCP addresses, to clients with a certificate of --tlscacert only"),
        new("tlscacert", "tlscacert", OptionKind.Text, "FILE", "whose certificates clients must have (default /etc/docker/ca.pem)"),
        new("tlscert", "tlscert", OptionKind.Text, "FILE", "the daemon's certificate (default /etc/docker/cert.pem)"),
        new("tlskey", "tlskey", OptionKind.Text, "FILE", "the daemon's key (default /etc/docker/key.pem)"),
        new("authorization-plugins", "authorization-plugin", OptionKind.List, "NAME", "a plugin that may deny requests and answers; several are asked in order"),
        new("pidfile", "pidfile", OptionKind.Text, "FILE", "where to write the daemon's process id") { Letter = 'p' },
        new("runtime-path", "runtime-path", OptionKind.Text, "FILE", "the sampan-runtime executable (default beside sampand)"),
        new("shutdown-timeout", "shutdown-timeout", OptionKind.Number, "SECONDS", "how long open requests may take when the daemon stops (default 5)"),
        new("restart-on-unhealthy", "restart-on-unhealthy", OptionKind.Switch, "", "start containers again that become unhealthy, unless their label io.sampan.restart-on-unhealthy says false"),
        new("experimental", "experimental", OptionKind.Switch, "", "let docker's command line offer what it calls experimental: 'build --squash'"),
        new("builder", "builder", OptionKind.Json, "JSON", "how much the build cache may keep, as in dockerd: {\"gc\":{\"enabled\":…,\"defaultKeepStorage\":\"10GB\",\"policy\":[…]}} (default no more than 75% of the disk)"),
        new("live-restore", "live-restore", OptionKind.Switch, "", "accepted: containers always outlive the daemon"),
        new("log-level", "log-level", OptionKind.Text, "LEVEL", "debug, info, warn, error or fatal (default info)") { Letter = 'l' },
        new("debug", "debug", OptionKind.Switch, "", "the same as --log-level debug") { Letter = 'D' },
    ];

    /// <summary>Settings of dockerd that this daemon knows it has not: told apart from typing errors.</summary>
    internal static IReadOnlyList<string> Missing { get; } =
    [
        "storage-driver", "storage-opts", "storage-opt", "fixed-cidr",
        "default-gateway", "default-gateway-v6", "iptables", "ip6tables", "ip-forward", "ip-masq", "userland-proxy",
        "userland-proxy-path", "dns-opts", "dns-opt", "dns-search", "default-shm-size",
        "default-cgroupns-mode", "default-ipc-mode", "default-network-opts",
        "seccomp-profile", "selinux-enabled", "metrics-addr", "features", "containerd",
        "proxies", "http-proxy", "https-proxy", "no-proxy", "init", "init-path",
        "oom-score-adjust", "raw-logs", "swarm-default-advertise-addr", "node-generic-resources", "firewall-backend", "host-gateway-ip", "allow-direct-routing",
        "cpu-rt-period", "cpu-rt-runtime", "network-diagnostic-port", "bridge-accept-fwmark", "log-format",
    ];

    /// <summary>Finds a setting by its key in the file.</summary>
    internal static Option? ByKey(string key) => All.FirstOrDefault(o => o.Key == key);

    /// <summary>Finds a setting by its flag.</summary>
    internal static Option? ByFlag(string flag) => All.FirstOrDefault(o => o.Flag == flag);

    /// <summary>Finds a setting by its one-letter flag.</summary>
    internal static Option? ByLetter(char letter) => All.FirstOrDefault(o => o.Letter == letter);

    /// <summary>What <c>--help</c> prints.</summary>
    internal static string Help()
    {
        var text = new StringBuilder();
        text.Append("Usage: sampand [OPTIONS]\n\nA container engine that speaks the Docker Engine API.\n\nOptions:\n");
        Line(text, "    --config FILE", $"the configuration file, JSON with the keys below (default {DaemonOptions.DefaultConfigFile}, if it exists)");
        foreach (var option in All)
        {
            var letter = option.Letter is { } l ? $"-{l}, " : "    ";
            var plural = option.Key == option.Flag ? "" : $"; '{option.Key}' in the file";
            Line(text, $"{letter}--{option.Flag}{(option.Value.Length > 0 ? " " : "")}{option.Value}", option.Help + plural);
        }

        Line(text, "    --validate", "check the options and the configuration file, and end");
        Line(text, "-v, --version", "print the version and end");
        Line(text, "-h, --help", "print this and end");
        text.Append("""

            Signals:
              SIGTERM, SIGINT   stop; containers run on, and the next start finds them
              SIGHUP            read the configuration file again: debug, log-level and labels take effect at once

            """);
        return text.ToString();
    }

    /// <summary>The help stands in one column; names that reach into it have a line of their own.</summary>
    private static void Line(StringBuilder text, string names, string help)
    {
        const int Column = 38;
        text.Append("  ").Append(names.PadRight(Column));
        if (names.Length >= Column)
            text.Append('\n').Append(' ', Column + 2);
        text.Append(help).Append('\n');
    }
}
