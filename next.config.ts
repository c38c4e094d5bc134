import type { NextConfig } from 'next'

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  // `npm run check` checks types with the project's own compiler, once for everything.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['better-sqlite3', 'pino'],
  experimental: { optimizePackageImports: ['lucide-react', 'recharts'] },
}

export default config
