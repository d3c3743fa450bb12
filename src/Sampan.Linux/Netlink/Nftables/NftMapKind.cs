namespace Sampan.Linux.Netlink.Nftables;

/// <summary>What the kernel knows of a map besides its name and elements. It changes none of it: another kind is another map.</summary>
internal readonly record struct NftMapKind(uint Flags, uint KeyType, uint KeyLength, uint ValueType, uint ValueLength, ulong Timeout);
