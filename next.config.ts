import type { NextConfig } from 'next'

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  devIndicators: false,
  // The server listens on the address, not on the name localhost; without this its pages do not come alive in development.
  allowedDevOrigins: ['127.0.0.1'],
  // `npm run check` checks types with the project's own compiler, once for everything.
  typescript: { ignoreBuildErrors: true },
  serverExternalPackages: ['better-sqlite3', 'pino'],
  // Browsers ask for this one on their own, when a page has not yet told them of its icon.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  experimental: { optimizePackageImports: ['lucide-react', 'recharts'] },
}

export default config
